// What VS Code calls in the extension host: runs the suites and leaves word of every result.
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import Mocha from 'mocha'

/** Runs the suites; throws when a test failed. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', color: false, forbidOnly: true, forbidPending: true, timeout: 60_000 })
  const suites = process.env.SILOLINT_EDITOR_SUITES ?? ''
  for (const suite of suites.split(',')) mocha.addFile(join(__dirname, `${suite}.cjs`))
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve)
    runner.on('test', (test) => record({ event: 'start', test: test.fullTitle() }))
    runner.on('pass', (test) => record({ event: 'pass', test: test.fullTitle() }))
    runner.on('fail', (test) => record({ event: 'fail', test: test.fullTitle() }))
    runner.on('end', () => record({ event: 'end' }))
  })
  if (failures) throw new Error(`${failures} tests failed`)
}

function record(result: { event: string; test?: string }): void {
  const file = process.env.SILOLINT_EDITOR_RESULTS
  if (file) appendFileSync(file, `${JSON.stringify(result)}\n`)
}
