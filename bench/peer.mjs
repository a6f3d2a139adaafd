// The libraries that the benchmark installs beside itself, for its own small programs.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const peers = createRequire(new URL('.peers/package.json', import.meta.url))

/** Imports a library of `.peers`. */
export const load = (name) => import(pathToFileURL(peers.resolve(name)).href)

/** A function that reads Markdown and its natural language as a retext plugin needs it, and checks nothing. */
export async function markdownProse() {
  const names = ['unified', 'remark-parse', 'remark-gfm', 'remark-retext', 'retext-english']
  const [{ unified }, markdown, gfm, toRetext, english] = await Promise.all(names.map(load))
  const processor = unified()
    .use(markdown.default)
    .use(gfm.default)
    .use(toRetext.default, unified().use(english.default))
  return (text) => processor.run(processor.parse(text), text)
}
