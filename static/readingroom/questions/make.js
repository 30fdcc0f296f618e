// From what the server asks to what stands on the screen.

import { Long } from "./long.js";
import { Many } from "./many.js";
import { One } from "./one.js";
import { Ranked } from "./ranked.js";
import { Region } from "./region.js";
import { Text } from "./text.js";
import { confidence, scale } from "./scale.js";

const MOST_BUTTONS = 16 // longer lists are searched, not scanned

export function fieldOf(spec, { words, stage }) {
  const one = () => (spec.options.length > MOST_BUTTONS ? new Long(spec, words) : new One(spec))
  const made = {
    diagnosis: one,
    choice: one,
    management: one,
    ranked: () => new Ranked(spec, words),
    confidence: () => confidence(spec, words),
    yes_no: () => new One(spec, { options: yesNo(words), keys: ["Y", "N"] }),
    scale: () => scale(spec),
    checklist: () => new Many(spec),
    text: () => new Text(spec),
    region: () => new Region(spec, words, stage),
    action: () => new One(spec, { options: spec.options.map(({ value }) => ({ value, label: words.say(`action_${value}`) })) }),
  }[spec.kind]
  return made()
}

function yesNo(words) {
  return [{ value: true, label: words.say("yes") }, { value: false, label: words.say("no") }]
}
