/** `GET /seaway/doctor`, `POST /seaway/doctor/fix` */
import type { Examination } from '../../doctor/finding.ts';

export const presentExamination = ({ compared, findings }: Examination): object => ({
  Compared: compared,
  Findings: findings.map(({ code, sentence, at, cure, would, outcome, error }) => ({
    Code: code,
    Sentence: sentence,
    At: at,
    Cure: cure,
    Would: would,
    Outcome: outcome,
    Error: error,
  })),
});
