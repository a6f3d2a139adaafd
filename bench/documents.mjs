// The texts of the benchmark: real documents of a folder, and documents made of them. The same folder gives the same texts.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** Chance that is the same in every run. */
function chance(seed) {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** The Markdown documents below a folder, each `part`th of them: `{ name, text }`, by name. */
export const documentsIn = (folder, part) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
    .filter((_, at) => at % part === 0)
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))

/** Writes documents into a folder. */
export function writeDocuments(folder, documents) {
  for (const { name, text } of documents) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
}

/** Paragraphs, lists and headings of documents in a random order; nothing that would change the meaning of what follows. */
function paragraphsOf(documents) {
  const paragraphs = documents.flatMap(({ text }) =>
    text
      .split(/\r?\n(?:[ \t]*\r?\n)+/)
      .filter((one) => one.trim() && !/```|~~~|<|^---|^\s{4}|^\s*\[[^\]]*\]:/m.test(one)),
  )
  const next = chance(7)
  for (let at = paragraphs.length - 1; at > 0; at--) {
    const other = next(at + 1)
    ;[paragraphs[at], paragraphs[other]] = [paragraphs[other], paragraphs[at]]
  }
  return paragraphs
}

/** A function that makes an ordinary document of some size in bytes. */
export function ordinary(documents) {
  const paragraphs = paragraphsOf(documents)
  return (bytes) => {
    const taken = []
    for (let size = 0, at = 0; size < bytes; at++) {
      const paragraph = paragraphs[at % paragraphs.length]
      taken.push(paragraph)
      size += Buffer.byteLength(paragraph) + 2
    }
    return `${taken.join('\n\n')}\n`
  }
}

/**
 * Writes so many documents of about 2 KB into a folder, as a large handbook may lie: a repository with folders in folders, a
 * hundred documents in each, drafts that git ignores, and a configuration here and there. One after the other, since they
 * may be more than fit into memory. Their bytes are told.
 */
export function writeFolder(folder, documents, count) {
  const paragraphs = paragraphsOf(documents)
  const next = chance(17)
  const write = (path, text) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
    return Buffer.byteLength(text)
  }
  const text = (title) => {
    const parts = [`# ${title}`]
    for (let size = 0; size < 2000; size += parts.at(-1).length) parts.push(paragraphs[next(paragraphs.length)])
    return `${parts.join('\n\n')}\n`
  }
  write('.git/HEAD', 'ref: refs/heads/main\n')
  write('.gitignore', 'drafts/\n*.tmp.md\n')
  write(
    'area-1/.silolintrc.json',
    '{"rules":{"us-and-them":"off"},"overrides":[{"files":["team-2/**"],"rules":{"blame":"info"}}]}',
  )
  write('area-0/team-1/.silolintrc.json', '{"ignores":["*-9.md"]}')
  let bytes = 0
  for (let at = 0; at < count; at++) {
    const team = Math.floor(at / 100)
    const place = `area-${Math.floor(team / 10)}/team-${team % 10}`
    bytes += write(`${place}/document-${at}.md`, text(`Document ${at}`))
    if (at % 1000 === 0) write(`${place}/drafts/draft-${at}.md`, text('Draft'))
  }
  return bytes
}

/** Texts that are awkward to read, by name. */
export function hostile(document) {
  const words = document(200_000).match(/[a-z]{3,}/gi)
  const next = chance(11)
  const some = (count, joined) => Array.from({ length: count }, () => words[next(words.length)]).join(joined)
  const fill = (bytes, make, between) => {
    const parts = []
    for (let size = 0; size < bytes; ) {
      const part = make()
      parts.push(part)
      size += part.length + between.length
    }
    return parts.join(between)
  }
  const paragraphs = (sentence) => `${fill(1_000_000, () => fill(400, sentence, ' '), '\n\n')}\n`
  return {
    hyphens: paragraphs(() => `The ${some(12, '-')} of ${some(6, '-')} is ${some(9, '-')}.`),
    apostrophes: paragraphs(() => `The ${some(8, "'s ")} don't, ${some(5, "'")} and the ${some(4, '’s ')} can't.`),
    abbreviations: paragraphs(
      () => `See e.g. ${some(1, '')} i.e. ${some(2, ' etc. ')} Dr. ${some(3, ' v.s. ')} a.m. p.m.`,
    ),
    'one 5 MB paragraph': `${fill(5_000_000, () => `The ${some(14, ' ')}.`, ' ')}\n`,
    'a table of 200,000 rows': `| one | two |\n|---|---|\n${fill(200_000 * 26, () => `| ${some(1, '').slice(0, 9).padEnd(9)} | ${some(1, '').slice(0, 9).padEnd(9)} |`, '\n')}\n`,
    'quotes 10,000 deep': `${'>'.repeat(10_000)} The form is with ${some(4, ' ')}.\n\n`.repeat(20),
  }
}

/**
 * Pages of a team's own rules, 20 phrases each, of three words that stand in the documents, so that phrases wake but
 * seldom match. Each page has an example, as a page must.
 */
export function rulePages(documents, count) {
  const content = /^[a-z]{5,12}$/
  const words = [...new Set(documents.flatMap(({ text }) => text.split(/[^A-Za-z]+/)))].filter((one) =>
    content.test(one),
  )
  const next = chance(13)
  const word = () => words[next(words.length)]
  return Array.from({ length: count }, (_, at) => {
    const phrases = Array.from({ length: 20 }, () => `${word()} ${word()} ${word()}`)
    const page = `---
severity: info
message: “$match” is a phrase of the benchmark.
phrases:
${phrases.map((one) => `  - "${one}"`).join('\n')}
---

# Phrases ${at + 1}

Twenty phrases of words that stand in the documents.

\`\`\`diff
- We keep the ${phrases[0]} here.
  We keep nothing of it here.
\`\`\`
`
    return { name: `.silolint/rules/phrases-${at + 1}.md`, text: page }
  })
}
