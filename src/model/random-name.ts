/** A name for a container that was given none: an adjective and something one meets on the water. */
import type { Generators } from './generators.ts';
import type { View } from './tables.ts';

const adjectives =
  'agile amber ample bold breezy bright brisk calm candid cheerful clear clever coastal cool crisp daring deep eager early easy fair fast fleet fresh gentle glad golden grand happy hardy keen kind lively lucid lucky mellow merry mild nimble noble open patient placid proud quick quiet ready salty serene sharp silent silver smooth snug solid spry stable steady sturdy sunny swift tidal tidy trusty upbeat vivid warm wise witty young zesty'.split(
    ' ',
  );
const nouns =
  'albatross anchor atoll barge bay beacon bosun bow breeze bridge brig buoy canal cape capstan channel cliff clipper compass coral cove crane current cutter delta dinghy dock dolphin dory drift estuary ferry fjord fleet frigate galley gannet gull gulf halyard harbor haven heron hull inlet island isthmus jetty junk keel kelp ketch lagoon lantern ledge lighthouse lock log lugger marina mast mooring narrows oar otter pelican petrel pier pilot plover port puffin quay raft reef river rudder sail schooner seal shoal shore skiff sloop sound spar spray starboard strait tern tide tiller trawler tug wave wharf whale yawl'.split(
    ' ',
  );

/** A name that no container has. */
export function randomName(view: View, generate: Generators): string {
  for (let attempt = 0; ; attempt++) {
    const pick = (words: readonly string[]): string => words[generate.below(words.length)] ?? '';
    const name = `${pick(adjectives)}_${pick(nouns)}${attempt > 4 ? generate.below(1000) : ''}`;
    if (!view.containerByName(name)) return name;
  }
}
