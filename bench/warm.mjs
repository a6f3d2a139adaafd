// In process, warm: `node warm.mjs silolint|write-good|alex|parse calls file` prints the CPU milliseconds of each call, as
// a JSON list, after two calls or more and two seconds to warm up.
import { readFileSync } from 'node:fs'
import { load, markdownProse } from './peer.mjs'

const [linter, calls, file] = process.argv.slice(2)

const linters = {
  async silolint() {
    const { lint } = await import('../dist/index.js')
    return (text) => lint(text)
  },
  'write-good': async () => (await load('write-good')).default,
  async alex() {
    const { markdown } = await load('alex')
    return (text) => markdown(text)
  },
  parse: markdownProse,
}

const lint = await linters[linter]()
const text = readFileSync(file, 'utf8')
// the compilers of V8 need some calls, and some time
const started = performance.now()
for (let call = 0; call < 2 || performance.now() - started < 2000; call++) await lint(text)
const spent = []
for (let call = 0; call < Number(calls); call++) {
  const before = process.cpuUsage()
  await lint(text)
  const { user, system } = process.cpuUsage(before)
  spent.push((user + system) / 1000)
}
console.log(JSON.stringify(spent))
