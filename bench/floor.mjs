// What others would have to do at least: `node floor.mjs read|parse|harper files…`. Prints the count of what it did.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [work, ...files] = process.argv.slice(2)
const peers = createRequire(new URL('.peers/package.json', import.meta.url))
const load = (name) => import(pathToFileURL(peers.resolve(name)).href)
const texts = function* () {
  for (const file of files) yield readFileSync(file, 'utf8')
}

const works = {
  /** Reads the files. */
  read() {
    let length = 0
    for (const text of texts()) length += text.length
    return length
  },
  /** Reads Markdown and its natural language as a retext plugin needs it, and checks nothing. */
  async parse() {
    const names = ['unified', 'remark-parse', 'remark-gfm', 'remark-retext', 'retext-english']
    const [{ unified }, markdown, gfm, toRetext, english] = await Promise.all(names.map(load))
    const processor = unified()
      .use(markdown.default)
      .use(gfm.default)
      .use(toRetext.default, unified().use(english.default))
    let nodes = 0
    for (const text of texts()) nodes += (await processor.run(processor.parse(text), text)).children.length
    return nodes
  },
  /** Harper has no command in npm: its library with the rules that are on by default. */
  async harper() {
    const folder = new URL('.peers/node_modules/harper.js/dist/', import.meta.url)
    const [{ LocalLinter }, { binary }] = await Promise.all(
      ['index.js', 'binary.js'].map((name) => import(new URL(name, folder).href)),
    )
    const linter = new LocalLinter({ binary })
    let found = 0
    for (const text of texts()) found += (await linter.lint(text, { language: 'markdown' })).length
    return found
  },
}

console.log(await works[work]())
process.exit()
