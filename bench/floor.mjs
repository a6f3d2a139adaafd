// What others would have to do at least: `node floor.mjs read|parse|harper files…`. Prints the count of what it did.
import { readFileSync } from 'node:fs'
import { markdownProse } from './peer.mjs'

const [work, ...files] = process.argv.slice(2)
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
    const parse = await markdownProse()
    let nodes = 0
    for (const text of texts()) nodes += (await parse(text)).children.length
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
