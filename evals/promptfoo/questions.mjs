// One test for each line of the questions file.
import { readFileSync } from "node:fs";

export default function questions() {
  return readFileSync(process.env.FARM_EVAL_QUESTIONS, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line))
    .map((question) => ({
      description: `${question.id}: ${question.why}`,
      metadata: { language: question.language, hard: question.hard },
      vars: { id: question.id, expected: question.expected, user: question.user, request: JSON.stringify(question.request) },
      options: { disableVarExpansion: true },
      assert: [
        { type: "is-json" },
        {
          type: "javascript",
          value: "(typeof output === 'string' ? JSON.parse(output) : output).verdict === context.vars.expected",
        },
      ],
    }));
}
