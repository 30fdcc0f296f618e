"""What a model card says about its model. The card is read without torch: pages and checks need no more than this."""
