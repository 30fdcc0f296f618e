from readerstudy.protocol.random_stream import seed_digest, stream


def test_each_purpose_has_a_stream_of_its_own():
    draws = {stream(*one).random() for one in ((1,), (2,), (1, "a"), (1, "b"), (1, "a", "b"), (1, "ab"))}
    assert len(draws) == 6


def test_a_stream_starts_again_for_the_same_purpose():
    assert stream(1, "a").random() == stream(1, "a").random()


def test_the_published_digest_tells_the_seed_only_to_who_knows_it():
    assert seed_digest(1) != seed_digest(2)
    assert len(seed_digest(1)) == 64
