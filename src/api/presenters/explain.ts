/** `GET /seaway/explain` */
import type { Explanation } from '../../explain/explanation.ts';

export const presentExplanation = (told: Explanation): object => ({
  From: told.from,
  To: told.to,
  Reaches: told.reaches,
  Cause: told.cause
    ? {
        Code: told.cause.code,
        Sentence: told.cause.sentence,
        At: told.cause.at,
        Cure: told.cause.cure,
        Rule: told.cause.rule
          ? {
              Table: told.cause.rule.table,
              Chain: told.cause.rule.chain,
              Number: told.cause.rule.number,
              Text: told.cause.rule.text,
              Reason: told.cause.rule.reason,
              Owner: told.cause.rule.owner || 'seaway',
            }
          : null,
      }
    : null,
  Name: told.name,
  Address: told.address,
  Probe: told.probe,
  Path: told.path.map(({ at, what, state }) => ({ At: at, What: what, State: state })),
  Rules: told.rules,
});
