// What people asked other linters' editors for in vain, as the language server has it: each test names the complaint.
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  CancellationTokenSource,
  type CodeAction,
  CodeLensRequest,
  type Diagnostic,
  DocumentDiagnosticRequest,
  LSPErrorCodes,
} from 'vscode-languageserver/node'
// @ts-expect-error the benchmark is JavaScript
import { remembered } from '../bench/typing.mjs'
import { builtInLinter } from '../engine/builtin.ts'
import { Check } from '../engine/lint.ts'
import { openMarkdown } from '../engine/markdown.ts'
import type { OverviewReport } from '../server/overview.ts'
import { folderWith } from './command.ts'
import { Editor, marks, modern, older, one, serverFile, uriIn } from './protocoleditor.ts'

const heap = fileURLToPath(new URL('../bench/heap.cjs', import.meta.url))
const filler = (lines: number): string => 'Each of us answers for what the customer gets.\n\n'.repeat(lines / 2)

describe('10,000 lines of Markdown', () => {
  test('of which all that is shown while 200 letters are typed without a pause is of the text as it is', async () => {
    const folder = await folderWith({})
    const editor = await Editor.start({ folders: [folder], capabilities: modern, settings: { headings: true } })
    const text = `${filler(5000)}# Steps\n\nWell. Refunds are not our job.\n\n${filler(5000)}`
    const document = await editor.open(uriIn(folder, 'long.md'), text)
    const line = 5002
    const letters = 'The tenant asks Finance. '.repeat(8)
    const texts = new Map([[1, text]])
    const answers: Array<Promise<void>> = []
    /** What is on the screen of an editor that drops what comes for a text that has changed. */
    let shown = 0
    for (const [at, letter] of [...letters].entries()) {
      const place = { line, character: at }
      await editor.change(document, [{ range: { start: place, end: place }, text: letter }])
      const { version, uri } = document
      texts.set(version, document.getText())
      const answered = editor.connection.sendRequest<OverviewReport>('silolint/overview', {
        textDocument: { uri },
        places: true,
      })
      answers.push(
        answered.then((report) => {
          expect(report.version).toBeGreaterThanOrEqual(version)
          const own = texts.get(report.version) as string
          const names = (report.places ?? []).flatMap((offset, at, all) =>
            at % 3 ? [] : own.slice(offset, offset + (all[at + 1] as number)),
          )
          expect(new Set(names)).toEqual(
            new Set(['customer', ...names.filter((name) => /^(tenant|Finance)$/.test(name))]),
          )
          if (report.version === document.version) shown++
        }),
      )
      answers.push(
        editor.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } }).then((lenses) => {
          expect(new Set(lenses?.map(({ range }) => range.start.line))).toEqual(new Set([5000]))
        }),
      )
      if (at % 20 === 0) answers.push(editor.pull(document).then((found) => expect(found).toHaveLength(1)))
    }
    await Promise.all(answers)
    expect(shown).toBeGreaterThan(0)
    expect(marks(document, await editor.pull(document))).toEqual(['disowning: are not our job'])
  })
})

test('a file of 1,500 lines is typed into without lag: each letter has one block read, and few phrases tried elsewhere', () => {
  const linter = builtInLinter()
  const typed = (lines: number): { read: number; tried: number } => {
    const opened = openMarkdown(`${filler(lines)}Well. Refunds are our job.\n\n${filler(lines)}`)
    const check = new Check(opened.document, linter.catalogue, linter.levels)
    check.run()
    const sentence = 'Finance passes the request on to Legal. '
    let [read, tried] = [0, 0]
    const edit = (from: number, to: number, text: string): void => {
      const { source } = opened.document
      const [news, change] = [source.slice(0, from) + text + source.slice(to), { from, to, length: text.length }]
      check.editSource(source, news, change)
      const changed = opened.edit(news, change)
      read += changed.added
      check.edit(changed)
      check.run()
    }
    const from = opened.document.source.indexOf('Refunds')
    // the first time asks of the whole document whether it has what would clear a finding
    for (let round = 0; round < 2; round++) {
      read = 0
      tried = linter.catalogue.phrases.work.tried
      for (const [at, letter] of [...sentence].entries()) edit(from + at, from + at, letter)
      tried = linter.catalogue.phrases.work.tried - tried
      expect(read).toBe(sentence.length)
      edit(from, from + sentence.length, '')
    }
    return { read, tried }
  }
  const [short, long] = [typed(20), typed(750)]
  // a word that says something of the document as a whole has its rules ask all of it once, not letter by letter
  expect(long.tried).toBeLessThan(short.tried * 1.5)
  expect(long.read).toBe(short.read)
})

test('thousands of findings are all there, and a letter beside them sends none of them again', async () => {
  const folder = await folderWith({})
  const editor = await Editor.start({ folders: [folder], settings: { headings: true } })
  const text = `# Duties\n\n${'Refunds are not our job.\n\n'.repeat(3000)}Well.\n`
  const document = await editor.open(uriIn(folder, 'many.md'), text)
  const textDocument = { uri: document.uri }
  const report = await editor.connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument })
  const found = report.kind === 'full' ? report.items : []
  expect(found).toHaveLength(3000)
  await editor.replace(document, 'Well.', 'Well, ')
  const { previousResultId } = { previousResultId: report.resultId as string }
  const next = await editor.connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument, previousResultId })
  expect(next.kind).toBe('unchanged')
  // what is asked at one place is answered for that place
  const fixes: CodeAction[] = await editor.actions(document, found[1500] as Diagnostic, ['quickfix'])
  expect(fixes.length).toBeLessThan(20)
  const lenses = await editor.connection.sendRequest(CodeLensRequest.type, { textDocument })
  expect(lenses).toHaveLength(2)
})

test('memory is flat over 1,000 edits', { timeout: 180_000 }, async () => {
  const [before, after] = await remembered(serverFile, heap, filler(2000), [500, 1500])
  // what it has learnt by then is not growth; a copy of the text for each edit would be 200 MB
  expect(after?.heap).toBeLessThan((before?.heap ?? 0) + 5)
})

describe('an editor that', () => {
  test('takes back what it asked is not kept waiting for it', async () => {
    const folder = await folderWith({})
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'long.md'), filler(20_000))
    const textDocument = { uri: document.uri }
    const cancellation = new CancellationTokenSource()
    const asked = editor.connection.sendRequest(DocumentDiagnosticRequest.type, { textDocument }, cancellation.token)
    const counted = editor.connection.sendRequest('silolint/overview', { textDocument }, cancellation.token)
    cancellation.cancel()
    await expect(asked).rejects.toMatchObject({ code: LSPErrorCodes.RequestCancelled })
    expect(await counted).toBeNull()
    expect(await editor.pull(document)).toEqual([])
  })

  test('counts in other units than UTF-16 is told that Silolint does not, and emoji move nothing', async () => {
    const folder = await folderWith({})
    const editor = await Editor.start({
      folders: [folder],
      capabilities: { ...modern, general: { positionEncodings: ['utf-8', 'utf-16'] } },
    })
    expect(editor.initialized.capabilities.positionEncoding).toBe('utf-16')
    const document = await editor.open(uriIn(folder, 'a.md'), '💶 Refunds 👩‍👩‍👧 are not our job.\n')
    const { range } = one(await editor.pull(document))
    expect(range.start).toEqual({ line: 0, character: '💶 Refunds 👩‍👩‍👧 '.length })
  })

  test('types faster than findings are pushed gets those of a pause, not of each letter', async () => {
    const folder = await folderWith({})
    const editor = await Editor.start({ folders: [folder], capabilities: older })
    const document = await editor.open(uriIn(folder, 'a.md'), 'Refunds are not our job.\n')
    await editor.pushed(document)
    const before = editor.published.length
    for (const [at, letter] of [...'Well, as was said before: '].entries()) {
      const place = { line: 0, character: at }
      await editor.change(document, [{ range: { start: place, end: place }, text: letter }])
    }
    expect(marks(document, await editor.pushed(document))).toEqual(['disowning: are not our job'])
    expect(editor.published.length - before).toBeLessThan(5)
  })
})
