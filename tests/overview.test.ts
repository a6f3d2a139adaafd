import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  type CodeLens,
  CodeLensRefreshRequest,
  CodeLensRequest,
  CodeLensResolveRequest,
} from 'vscode-languageserver/node'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import { builtInLinter } from '../engine/builtin.ts'
import { overviewOf, sectionsOf } from '../engine/measure.ts'
import type { OverviewReport } from '../server/overview.ts'
import { folderWith, silolint } from './command.ts'
import { Editor, modern, one, uriIn } from './protocoleditor.ts'

const overview = (editor: Editor, { uri }: { uri: string }, places = true): Promise<OverviewReport | null> =>
  editor.connection.sendRequest('silolint/overview', { textDocument: { uri }, places })

/** Who is tinted in a document: the words and the name that they go by. */
function tinted(document: TextDocument, { places = [], served, functions }: OverviewReport): string[] {
  const text = document.getText()
  return Array.from({ length: places.length / 3 }, (_, at) => {
    const [offset = 0, length = 0, name = 0] = places.slice(3 * at)
    const [who] = (name >= 0 ? served[name] : functions[-1 - name]) ?? []
    return `${name >= 0 ? 'served' : 'function'} ${who}: ${text.slice(offset, offset + length)}`
  })
}

const procedure = [
  '# Refunds',
  '',
  '## Purpose',
  '',
  'To pay customers back 💶 when a **service user** asks &amp; waits.',
  '',
  '## Procedure',
  '',
  '1. 💻 Finance checks the request.',
  '2. Pass it to the Service Desk.',
  '3. Customers are told.',
  '',
  '### Exceptions',
  '',
  '> Refunds are not our job.',
  '',
].join('\r\n')

describe('a writer who wants to know who is in a document', () => {
  test('sees each mention where it stands, whatever stands before it, and how the document does', async () => {
    const folder = await folderWith({})
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'refunds.md'), procedure)
    const report = await overview(editor, document)
    expect(report && tinted(document, report)).toEqual([
      'served customer: customers',
      'served service user: service user',
      'function Finance: Finance',
      'function Service Desk: Service Desk',
      'served customer: Customers',
    ])
    expect(report).toMatchObject({ version: 1, handoffs: 1, owned: 0 })
    expect(report?.served).toEqual([
      ['customer', 2],
      ['service user', 1],
    ])
    // places only for who shows them
    expect(await overview(editor, document, false)).not.toHaveProperty('places')
  })

  test('has the silo index that the command line gives', async () => {
    const folder = await folderWith({ 'refunds.md': procedure })
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'refunds.md'), procedure)
    const { stdout } = await silolint(['stats', '--format', 'json', 'refunds.md'], { cwd: folder })
    const { total } = JSON.parse(stdout)
    const report = await overview(editor, document)
    const { index, words, findings, handoffs, owned } = total
    expect(report).toMatchObject({ index, words, findings, handoffs, owned })
    expect(findings).toBeGreaterThan(0)
  })

  test('counts a finding of the baseline, which is still there', async () => {
    const folder = await folderWith({ 'refunds.md': procedure })
    await silolint(['baseline'], { cwd: folder })
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'refunds.md'), procedure)
    expect(await editor.pull(document)).toEqual([])
    expect((await overview(editor, document))?.findings).toBeGreaterThan(0)
  })

  test('sees it follow what is typed, with the words of the team, and gets nothing of an earlier version', async () => {
    const folder = await folderWith({})
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'refunds.md'), procedure)
    await overview(editor, document)
    await editor.replace(document, 'Pass it', 'The allotment holder asks. Pass it')
    // asked before the next change is in, answered after it
    const [first] = await Promise.all([
      overview(editor, document),
      editor.replace(document, 'Customers are', 'Patients and tenants are'),
    ])
    // on a busy machine the change may come in later; then the answer says that it is of the text before
    expect([2, 3]).toContain(first?.version)
    const second = await overview(editor, document)
    expect(second?.version).toBe(3)
    if (first?.version === 3) expect(second && tinted(document, second)).toEqual(tinted(document, first))
    expect(second?.served.map(([name]) => name).sort()).toEqual(['customer', 'patient', 'service user', 'tenant'])
    const configuration = join(folder, '.silolintrc.json')
    await editor.refreshedBy(() =>
      editor.write(configuration, '{ "vocabularies": { "served": ["allotment holder"] } }'),
    )
    const third = await overview(editor, document)
    expect(third && tinted(document, third)).toContain('served allotment holder: allotment holder')
  })

  test('sees nothing of what is no document', async () => {
    const folder = await folderWith({ '.silolintignore': 'drafts/' })
    const editor = await Editor.start({ folders: [folder] })
    const ignored = await editor.open(uriIn(folder, 'drafts/one.md'), procedure)
    expect(await overview(editor, ignored)).toBeNull()
    expect(await overview(editor, { uri: uriIn(folder, 'none.md') })).toBeNull()
    const empty = await editor.open(uriIn(folder, 'empty.md'), '')
    expect(await overview(editor, empty)).toMatchObject({ index: null, served: [], places: [] })
  })
})

describe('a writer who wants the overview over headings', () => {
  const lensesOf = async (editor: Editor, { uri }: { uri: string }): Promise<CodeLens[]> => {
    const lenses = (await editor.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } })) ?? []
    return Promise.all(lenses.map((lens) => editor.connection.sendRequest(CodeLensResolveRequest.type, lens)))
  }
  const told = (lenses: CodeLens[]): string[] =>
    lenses.map(({ range, command }) => `${range.start.line}: ${command?.title}`)

  test('reads what each section is for, who is in it and what was found, and opens that', async () => {
    const folder = await folderWith({})
    const editor = await Editor.start({ folders: [folder], settings: { headings: true } })
    const document = await editor.open(uriIn(folder, 'refunds.md'), procedure)
    const lenses = await lensesOf(editor, document)
    expect(told(lenses)).toEqual([
      '0: names customer ×2, service user · 1 hand-off without an owner',
      '0: 2 findings',
      '2: Purpose · names customer, service user',
      '6: Procedure · names customer · 1 hand-off without an owner',
      '6: 2 findings',
      '12: Exceptions · names nobody who is served',
      '12: 1 finding',
    ])
    const { command } = lenses.at(-1) as CodeLens
    const finding = (await editor.pull(document)).find(({ code }) => code === 'disowning')
    expect(command).toMatchObject({
      command: 'silolint.showFindings',
      arguments: [document.uri, { line: 12, character: 0 }, [{ uri: document.uri, range: finding?.range }]],
    })
  })

  test('is not given words for a text that has changed', async () => {
    const folder = await folderWith({})
    const editor = await Editor.start({ folders: [folder], settings: { headings: true } })
    const document = await editor.open(uriIn(folder, 'refunds.md'), procedure)
    const lenses = await editor.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri: document.uri } })
    await editor.replace(document, 'Finance', 'Nobody')
    const [lens] = lenses ?? []
    await expect(editor.connection.sendRequest(CodeLensResolveRequest.type, lens as CodeLens)).rejects.toThrow(
      /changed/,
    )
  })

  test('gets it when it is switched on, and none before', async () => {
    const folder = await folderWith({})
    const editor = await Editor.start({
      folders: [folder],
      capabilities: { ...modern, workspace: { ...modern.workspace, codeLens: { refreshSupport: true } } },
    })
    const refreshed = new Promise((resolve) =>
      editor.connection.onRequest(CodeLensRefreshRequest.type, () => resolve(1)),
    )
    const document = await editor.open(uriIn(folder, 'refunds.md'), procedure)
    expect(await lensesOf(editor, document)).toEqual([])
    await editor.configure({ headings: true })
    await refreshed
    expect((await lensesOf(editor, document)).length).toBeGreaterThan(3)
  })
})

describe('counting', () => {
  const linter = builtInLinter()
  const section = (at: number) =>
    `## Step ${at}\n\nFinance tells the customer. Pass it to Billing, who call the tenant.\n\n`
  const count = (session: ReturnType<typeof linter.open>) => {
    const steps = overviewOf(session.reading, linter.catalogue)
    for (;;) {
      const { done, value } = steps.next()
      if (done) return value
    }
  }

  test('after an edit looks at what was edited, and gives what counting anew gives', () => {
    const text = Array.from({ length: 300 }, (_, at) => section(at)).join('')
    const session = linter.open(text)
    session.lint()
    count(session)
    const work = (): number => linter.catalogue.phrases.work.tried
    const found = text.indexOf('customer', text.length / 2)
    let source = text
    for (const [at, letter] of [...'patients and '].entries()) {
      source = source.slice(0, found + at) + letter + source.slice(found + at)
      session.edit(source, { from: found + at, to: found + at, length: 1 })
      session.lint()
      const before = work()
      const counted = count(session)
      // of 300 sections one is looked at
      expect(work() - before).toBeLessThan(500)
      const anew = linter.open(source)
      anew.lint()
      expect(counted).toEqual(count(anew))
    }
    expect(one(count(session).mentions.filter(({ name }) => name === 'patient')).start).toBe(found)
  })

  test('goes on over sections within sections', () => {
    const session = linter.open(
      'Tell the tenant.\n\n# A\n\n## B\n\n### C\n\nTell the customer.\n\n## D\n\nTell Finance.\n',
    )
    expect(
      sectionsOf(session.reading, linter.catalogue).map(({ served, functions, end }) => [served, functions, end]),
    ).toEqual([
      [1, 1, session.source.length],
      [1, 0, session.source.indexOf('D')],
      [1, 0, session.source.indexOf('D')],
      [0, 1, session.source.length],
    ])
  })
})
