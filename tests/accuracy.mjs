// Scores the linter on the labelled documents beside this repository (../shared/accuracy), where they are there.
//   npm run accuracy [-- --misses 20]
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const accuracy = fileURLToPath(new URL('../../shared/accuracy/', import.meta.url))
const corpus = fileURLToPath(new URL('../../shared/corpus/', import.meta.url))
if (!existsSync(`${accuracy}score.mjs`)) {
  console.log('There are no labelled documents beside this repository (../shared/accuracy), so nothing is scored.')
  process.exit()
}
const sets = {
  'challenge cases': ['--cases', `${accuracy}cases.jsonl`],
  'documents read whole': ['--labels', `${accuracy}labels.jsonl`, '--docs', `${corpus}docs`],
  'sentences judged one by one': ['--sentences', `${accuracy}real.jsonl`, '--docs', corpus],
}
for (const [name, args] of Object.entries(sets)) {
  console.log(`\n${name}`)
  execFileSync(
    process.execPath,
    [`${accuracy}score.mjs`, '--cli', `${process.execPath} dist/cli.js`, ...args, ...process.argv.slice(2)],
    { stdio: 'inherit' },
  )
}
