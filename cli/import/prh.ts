import { basename, dirname, extname } from 'node:path'
import { type Draft, faultOf, type Reading } from './draft.ts'
import { ExpressionError, type Variant, variantsOf } from './expression.ts'
import { idFrom, type Text, titleFrom, type YamlFile } from './file.ts'
import { entryOf, filled, leave } from './vale.ts'

/** Whether a file is one of prh, which textlint-rule-prh reads. */
export const isPrh = (file: YamlFile): boolean =>
  file.items(file.get('rules')).length > 0 || file.get('imports') !== undefined

/** Reads a file of prh into a draft. Files that it imports are named one by one. */
export function readPrh(file: YamlFile, reading: Reading, inAllForms: boolean): void {
  const { path } = file
  const own = basename(path, extname(path))
  const id = idFrom(/^prh$/i.test(own) ? `${basename(dirname(path))} prh` : own) || 'imported'
  const draft: Draft = {
    id,
    path,
    title: titleFrom(id),
    note: `Words that a house style writes in another way.\n\nIt comes from the prh file ${basename(path)}.`,
    severity: 'warning',
    message: '“$match” is written in another way here.',
    entries: [],
    guards: [],
  }
  for (const item of file.items(file.get('imports'))) {
    const at = file.text(item) ?? file.text(file.get('path', item))
    if (!at) continue
    const cure = 'Name the file, or its folder, on the command line too.'
    reading.notes.push(faultOf({ ...at, value: at.text }, draft, 'imports are not followed', cure))
  }
  for (const item of file.items(file.get('rules'))) readRule(file, item, draft, reading, inAllForms)
  if (draft.entries.length) reading.drafts.push(draft)
}

function readRule(file: YamlFile, item: unknown, draft: Draft, reading: Reading, inAllForms: boolean): void {
  const short = file.text(item)
  if (short) {
    reading.things++
    leave(alike(), short, draft, reading)
    return
  }
  const expected = file.text(file.get('expected', item))
  const patterns = ['pattern', 'patterns']
    .flatMap((key) => file.items(file.get(key, item)))
    .flatMap((one) => file.text(one) ?? [])
  const wanted = expected?.text ?? ''
  if (!patterns.length) {
    reading.things++
    const at: Text = expected ?? { text: '', ...file.place(item) }
    leave(expected ? alike() : new ExpressionError('it says neither "pattern" nor "expected"'), at, draft, reading)
    return
  }
  const said = file.text(file.get('prh', item))?.text
  const must = file.text(file.get('regexpMustEmpty', item))
  if (must)
    reading.notes.push(
      faultOf({ ...must, value: must.text }, draft, 'the condition was not carried over', 'Look what the rule finds.'),
    )
  const before = draft.entries.length
  for (const at of patterns) {
    reading.things++
    try {
      const expression = /^\/(.*)\/([a-z]*)$/s.exec(at.text)
      const variants = variantsOf(
        expression ? (expression[1] as string) : at.text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
        {
          ignoreCase: !expression || (expression[2] as string).includes('i'),
          withinWords: false,
        },
      )
      const byRewrite = new Map<string, Variant[]>()
      for (const variant of variants) {
        const rewrite = filled(wanted, variant)
        byRewrite.set(rewrite, [...(byRewrite.get(rewrite) ?? []), variant])
      }
      for (const [rewrite, some] of byRewrite)
        draft.entries.push(
          entryOf(some, at, inAllForms, {
            rewrites: [rewrite],
            message: said ? said.replace(/\s+/g, ' ').trim() : `“$match” is written “${rewrite}” here.`,
          }),
        )
      reading.things += byRewrite.size - 1
    } catch (error) {
      leave(error, at, draft, reading)
    }
  }
  checkSpecs(file, item, draft, reading, draft.entries.slice(before))
}

/** A rule whose only news is how a word is capitalised or hyphenated. */
const alike = (): ExpressionError =>
  new ExpressionError(
    'it is about capitals, hyphens or the width of letters, and these make no difference to phrases',
    'Leave this to a spelling checker.',
  )

/** What the file's own examples say must hold of the phrases as well. */
function checkSpecs(
  file: YamlFile,
  item: unknown,
  draft: Draft,
  reading: Reading,
  entries: ReadonlyArray<Draft['entries'][number]>,
): void {
  for (const spec of file.items(file.get('specs', item))) {
    const from = file.text(file.get('from', spec))
    const to = file.text(file.get('to', spec))
    if (!from || !to || !entries.length || entries.some((entry) => entry.rewrites.some((one) => to.text.includes(one))))
      continue
    const problem = 'this example may come out in another way'
    reading.notes.push(faultOf({ ...from, value: from.text }, draft, problem, 'Try it with the rule.'))
  }
}
