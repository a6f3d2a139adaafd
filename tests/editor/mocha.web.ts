// The same as mocha.ts in the web extension host, which has no files: word of each result goes to the console.
import 'mocha/mocha.js' // the build for browsers: it sets globalThis.mocha

/** Runs the suite; throws when a test failed. */
export async function run(): Promise<void> {
  mocha.setup({ ui: 'bdd', reporter: 'spec', color: false, forbidOnly: true, forbidPending: true, timeout: 60_000 })
  await import('./browser.ts')
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve)
    runner.on('test', (test) => record({ event: 'start', test: test.fullTitle() }))
    runner.on('pass', (test) => record({ event: 'pass', test: test.fullTitle() }))
    runner.on('fail', (test, error) => {
      record({ event: 'fail', test: test.fullTitle() })
      console.error(String(error?.stack ?? error))
    })
    runner.on('end', () => record({ event: 'end' }))
  })
  if (failures) throw new Error(`${failures} tests failed`)
}

function record(result: { event: string; test?: string }): void {
  console.log(`silolint-result ${JSON.stringify(result)}`)
}
