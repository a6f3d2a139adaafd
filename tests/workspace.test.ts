import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  CancellationTokenSource,
  type Diagnostic,
  DidChangeWatchedFilesNotification,
  DidChangeWorkspaceFoldersNotification,
  ExecuteCommandRequest,
  type FileChangeType,
  HoverRequest,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  WorkDoneProgressCreateRequest,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { folderWith, silolint } from './command.ts'
import { Editor, modern, older, uriIn } from './protocoleditor.ts'

interface Summary {
  documents: number
  left: number
  unreached: number
  findings: number
  shown: number
}

/** What the command "Lint All Process Documents" sends. */
const lintAll = (editor: Editor, token?: CancellationTokenSource): Promise<Summary> =>
  editor.connection.sendRequest(ExecuteCommandRequest.type, { command: 'silolint.lintAllDocuments' }, token?.token)

/** What the editor shows of a file that is not open: what was published of it last. */
function shown(editor: Editor, folder: string, name: string): Diagnostic[] {
  const path = join(folder, name)
  return editor.published.findLast(({ uri }) => fileURLToPath(uri) === path)?.diagnostics ?? []
}
const rulesIn = (editor: Editor, folder: string, name: string): unknown[] =>
  shown(editor, folder, name).map(({ code }) => code)

const types = { Created: 1, Changed: 2, Deleted: 3 } as const satisfies Record<string, FileChangeType>
/** Tells the server of files and folders that have changed, as an editor's watcher does. */
const tell = (
  editor: Editor,
  folder: string,
  changes: Record<string, 'Created' | 'Changed' | 'Deleted'>,
): Promise<void> =>
  editor.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
    changes: Object.entries(changes).map(([name, type]) => ({ uri: uriIn(folder, name), type: types[type] })),
  })

/** Waits until the findings of a file that is not open are of these rules. */
const until = (editor: Editor, folder: string, name: string, rules: string[]): Promise<unknown> =>
  editor.until(() => rulesIn(editor, folder, name).join() === rules.join())

const wall = 'Engineering throws the build over the wall to Support.\n'
const disowning = 'Password resets are not our responsibility.\n'
const quiet = 'We stay with the customer until it works.\n'

interface Finding {
  rule: unknown
  severity: string
  message: unknown
  url: unknown
  rewrites: unknown
  start: number
  end: number
}

/** What the command line finds in a folder, by absolute path. */
async function onCommandLine(folder: string): Promise<Map<string, Finding[]>> {
  const { stdout } = await silolint(['--format', 'json', '.'], { cwd: folder })
  const reports = JSON.parse(stdout) as Array<{
    path: string
    findings: Array<Omit<Finding, 'start' | 'end'> & { start: { offset: number }; end: { offset: number } }>
  }>
  return new Map(
    reports
      .filter(({ findings }) => findings.length)
      .map(({ path, findings }) => [
        resolve(folder, path),
        findings.map(({ rule, severity, message, url, rewrites, start, end }) => ({
          ...{ rule, severity, message, url, rewrites, start: start.offset, end: end.offset },
        })),
      ]),
  )
}

/** The same as an editor shows it. */
async function inEditor(editor: Editor): Promise<Map<string, Finding[]>> {
  const last = new Map(editor.published.map(({ uri, diagnostics }) => [fileURLToPath(uri), diagnostics]))
  const found = new Map<string, Finding[]>()
  for (const [path, diagnostics] of last) {
    if (!diagnostics.length) continue
    const source = await readFile(path, 'utf8')
    // editors keep the byte order mark to themselves; the command line counts it
    const mark = source.startsWith('\uFEFF') ? 1 : 0
    const document = TextDocument.create('', '', 0, source.slice(mark))
    found.set(
      path,
      diagnostics.map(({ code, severity, message, codeDescription, data, range }) => ({
        rule: code,
        severity: severity === 1 ? 'error' : severity === 2 ? 'warning' : 'info',
        message,
        url: codeDescription?.href,
        rewrites: (data as { rewrites: unknown }).rewrites,
        start: document.offsetAt(range.start) + mark,
        end: document.offsetAt(range.end) + mark,
      })),
    )
  }
  return found
}

const sorted = <T>(map: Map<string, T>): Array<[string, T]> => [...map].sort(([a], [b]) => (a < b ? -1 : 1))

// Fixture "editor and CLI byte-equal on the same tree", "two nearer configs" (vale-vscode #47, #73).
test('whoever lints all documents sees what the command line finds in the same folder, no more and no less', async () => {
  const folder = await folderWith({
    '.git/HEAD': '',
    '.gitignore': 'build/\n*.draft.md\n!kept.draft.md\n',
    '.silolintrc.json': '{ "rules": { "disowning": "error" }, "ignores": ["archive/**"] }',
    'wall.md': `# Handover 🏗️\r\n\r\n🧑‍🔧 ${wall}\r\n| Step |\r\n| --- |\r\n| ${disowning.trim()} |\r\n`,
    'policy (draft) & more.md': disowning,
    'marked.txt': `\uFEFF${disowning}`,
    'quiet.md': quiet,
    'build/out.md': wall,
    'some.draft.md': wall,
    'kept.draft.md': wall,
    'archive/old.md': wall,
    'node_modules/pack/README.md': wall,
    'data.json': '{}',
    'team/.silolintrc.yaml':
      'rules: { disowning: info }\noverrides: [{ files: "*.sop", rules: { over-the-wall: off } }]\n',
    'team/.silolintignore': 'left-out.md\n',
    'team/left-out.md': wall,
    'team/steps.sop': `${wall}\n${disowning}`,
    'team/deeper/silolint.config.json': '{ "rules": { "disowning": "off" } }',
    'team/deeper/calls.policy': `${wall}\n${disowning}`,
    'team/.silolint/rules/lobbing.md':
      '---\nseverity: warning\nmessage: "“$match” ends our part."\nphrases:\n  - zap … across\n---\n\n# Lobbing\n\nA handover.\n',
    'team/zap.md': 'We zap the build across.\n',
    'rooted/.silolintrc': 'root: true\n',
    'rooted/wall.md': disowning,
    'upper/CASE.MD': wall,
  })
  await silolint(['baseline', 'rooted'], { cwd: folder })
  await writeFile(join(folder, 'rooted/wall.md'), `${disowning}\n${wall}`)
  const editor = await Editor.start({ folders: [folder], trusted: true })
  const expected = await onCommandLine(folder)
  expect(expected.size).toBeGreaterThan(7)
  const summary = await lintAll(editor)
  expect(sorted(await inEditor(editor))).toEqual(sorted(expected))
  const findings = [...expected.values()].flat().length
  // one in which nothing is found, too; those that configuration leaves out do not count
  expect(summary).toEqual({ documents: expected.size + 1, left: 0, unreached: 0, findings, shown: findings })
})

describe('a window in which nobody has asked for all documents', () => {
  // Fixture "none at all (silent)" (vale-vscode #111).
  test('with no configuration anywhere hears nothing: no document is read, none is watched, no thread is started', async () => {
    const folder = await folderWith({ 'wall.md': wall, 'other.md': wall })
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'wall.md'), wall)
    expect(await editor.pull(document)).toHaveLength(1)
    await tell(editor, folder, { 'other.md': 'Changed' })
    await editor.closeDocument(document)
    await editor.pull(await editor.open(uriIn(folder, 'again.md'), quiet))
    expect(editor.published).toEqual([])
    expect(editor.log).toEqual([])
    expect(JSON.stringify([...editor.registrations.values()])).not.toMatch(/\[mM\]\[dD\]/)
  })
})

describe('after all documents were linted', () => {
  test('an open document has its live findings, once each, and its file counts again when it is closed', async () => {
    const folder = await folderWith({ 'a (1).md': wall, 'b.md': wall })
    const editor = await Editor.start({ folders: [folder] })
    await lintAll(editor)
    expect(rulesIn(editor, folder, 'a (1).md')).toEqual(['over-the-wall'])
    const document = await editor.open(uriIn(folder, 'a (1).md').replace('(1)', '%281%29'), wall)
    expect(await editor.pull(document)).toHaveLength(1)
    // what is pulled is all there is
    expect(rulesIn(editor, folder, 'a (1).md')).toEqual([])
    await editor.change(document, [{ text: disowning }])
    expect((await editor.pull(document)).map(({ code }) => code)).toEqual(['disowning'])
    await tell(editor, folder, { 'b.md': 'Changed' })
    expect(rulesIn(editor, folder, 'a (1).md')).toEqual([])
    // never saved: what lies on the disk is what it was
    await editor.closeDocument(document)
    await until(editor, folder, 'a (1).md', ['over-the-wall'])

    const again = await editor.open(document.uri, wall)
    await editor.pull(again)
    await writeFile(join(folder, 'a (1).md'), disowning)
    await editor.closeDocument(again)
    await until(editor, folder, 'a (1).md', ['disowning'])
    expect(rulesIn(editor, folder, 'b.md')).toEqual(['over-the-wall'])
  })

  test('the same holds in an editor to which findings are pushed', async () => {
    const folder = await folderWith({ 'a.md': wall })
    const editor = await Editor.start({ folders: [folder], capabilities: older })
    await lintAll(editor)
    expect(rulesIn(editor, folder, 'a.md')).toEqual(['over-the-wall'])
    const document = await editor.open(uriIn(folder, 'a.md'), disowning)
    expect((await editor.pushed(document)).map(({ code }) => code)).toEqual(['disowning'])
    await editor.closeDocument(document)
    await until(editor, folder, 'a.md', ['over-the-wall'])
  })

  test('files that are changed, made, deleted and renamed are followed, and folders with all that is in them', async () => {
    const folder = await folderWith({
      'a.md': wall,
      'b.md': wall,
      'c.md': wall,
      'old/deep/d.md': wall,
      'quiet.md': quiet,
    })
    const editor = await Editor.start({ folders: [folder] })
    await lintAll(editor)
    await writeFile(join(folder, 'a.md'), disowning)
    await rm(join(folder, 'b.md'))
    await rename(join(folder, 'c.md'), join(folder, 'see.md'))
    await rename(join(folder, 'old'), join(folder, 'new'))
    await writeFile(join(folder, 'made.sop'), wall)
    await mkdir(join(folder, 'node_modules/pack'), { recursive: true })
    await writeFile(join(folder, 'node_modules/pack/README.md'), wall)
    await tell(editor, folder, {
      ...{ 'a.md': 'Changed', 'b.md': 'Deleted', 'c.md': 'Deleted', 'see.md': 'Created', 'made.sop': 'Created' },
      // of folders that come and go some systems tell nothing else
      ...{ old: 'Deleted', new: 'Created', 'node_modules/pack/README.md': 'Created' },
    })
    await until(editor, folder, 'made.sop', ['over-the-wall'])
    await until(editor, folder, 'a.md', ['disowning'])
    await until(editor, folder, 'see.md', ['over-the-wall'])
    await until(editor, folder, 'new/deep/d.md', ['over-the-wall'])
    for (const gone of ['b.md', 'c.md', 'old/deep/d.md']) await until(editor, folder, gone, [])
    expect(sorted(await inEditor(editor))).toEqual(sorted(await onCommandLine(folder)))
  })

  test('a configuration, an ignore file or a setting that changes is in force for all of them', async () => {
    const folder = await folderWith({ '.git/HEAD': '', 'a.md': wall, 'team/b.md': `${wall}\n${disowning}` })
    const editor = await Editor.start({ folders: [folder] })
    await lintAll(editor)
    await editor.write(join(folder, 'team/.silolintrc.json'), '{ "rules": { "over-the-wall": "off" } }')
    await until(editor, folder, 'team/b.md', ['disowning'])
    expect(rulesIn(editor, folder, 'a.md')).toEqual(['over-the-wall'])
    await writeFile(join(folder, '.gitignore'), 'a.md\n')
    await tell(editor, folder, { '.gitignore': 'Created' })
    await until(editor, folder, 'a.md', [])
    await editor.configure({ rules: { disowning: 'off' } })
    await until(editor, folder, 'team/b.md', [])
    await editor.configure({ enable: false })
    await rm(join(folder, 'team/.silolintrc.json'))
    await tell(editor, folder, { 'team/.silolintrc.json': 'Deleted' })
    await editor.configure({})
    await until(editor, folder, 'team/b.md', ['over-the-wall', 'disowning'])
    // a finding is accepted in the baseline, which leaves the documents as they are
    await silolint(['baseline'], { cwd: folder })
    await tell(editor, folder, { '.silolint/baseline.json': 'Created' })
    await until(editor, folder, 'team/b.md', [])
  })

  test('a checkout that changes hundreds of files is looked at once', async () => {
    const names = Array.from({ length: 300 }, (_, index) => `procedure-${index}.md`)
    const folder = await folderWith(Object.fromEntries(names.map((name) => [name, wall])))
    const editor = await Editor.start({ folders: [folder] })
    await lintAll(editor)
    editor.published.length = 0
    await Promise.all(names.map((name) => writeFile(join(folder, name), disowning)))
    for (const name of names) await tell(editor, folder, { [name]: 'Changed' })
    for (const name of names) await tell(editor, folder, { [name]: 'Changed' })
    for (const name of names) await until(editor, folder, name, ['disowning'])
    // once each, though word of each came twice
    expect(editor.published).toHaveLength(names.length)
  })

  test('a document that cannot be read and a configuration that cannot be used say so where they lie', async () => {
    const folder = await folderWith({
      'binary.md': new Uint8Array([0, 1, 2, 3]),
      'team/.silolintrc.json': '{ "rules": { "over-the-wal": "off" } }',
      'team/a.md': wall,
    })
    const editor = await Editor.start({ folders: [folder] })
    await lintAll(editor)
    expect(shown(editor, folder, 'binary.md')).toMatchObject([{ message: expect.stringMatching(/binary file/) }])
    expect(shown(editor, folder, 'team/.silolintrc.json')).toMatchObject([
      { message: expect.stringMatching(/Did you mean "over-the-wall"/) },
    ])
    await writeFile(join(folder, 'binary.md'), wall)
    await tell(editor, folder, { 'binary.md': 'Changed' })
    await editor.write(join(folder, 'team/.silolintrc.json'), '{}')
    await until(editor, folder, 'binary.md', ['over-the-wall'])
    await until(editor, folder, 'team/.silolintrc.json', [])
  })

  test('an editor that asks who owns documents hears what they say, and else what CODEOWNERS says', async () => {
    const folder = await folderWith({
      '.git/HEAD': '',
      '.github/CODEOWNERS': '# all of it\n* @acme/quality\n/team/ @acme/team Ana@example.org # both\n/team/nobody.md\n',
      'front.md': `---\ntitle: Refunds\nowner: Head of Finance\n---\n\n${wall}`,
      'line.md': `# Refunds\n\n**Document owner:** [Ana](https://example.org/ana)\n\n${wall}`,
      'table.md': `# Refunds\n\n| Field | |\n| --- | --- |\n| Process owner | Billing |\n\n${wall}`,
      'columns.md': `# Refunds\n\n| Owner | Step |\n| --- | --- |\n| Billing | Pay. |\n\n${wall}`,
      'several.md': `---\nowners:\n  - Ana\n  - name: Ben\n---\n${wall}`,
      'team/a.md': wall,
      'team/nobody.md': wall,
    })
    const editor = await Editor.start({ folders: [folder] })
    const ownersOf = (...names: string[]): Promise<string[][]> =>
      editor.connection.sendRequest(
        'silolint/owners',
        names.map((name) => uriIn(folder, name)),
      )
    expect(
      await ownersOf('front.md', 'line.md', 'table.md', 'columns.md', 'several.md', 'team/a.md', 'team/nobody.md'),
    ).toEqual([
      ...[['Head of Finance'], ['Ana'], ['Billing'], ['@acme/quality'], ['Ana', 'Ben']],
      ...[['@acme/team', 'Ana@example.org'], []],
    ])
    await editor.open(uriIn(folder, 'front.md'), `Owner: Cleo\n\n${wall}`)
    expect(await ownersOf('front.md')).toEqual([['Cleo']])
  })
})

describe('in a window with several folders', () => {
  // Fixture "multi-root with different roots".
  test('each has its own configuration and editor settings of its own, and one within another counts once', async () => {
    const one = await folderWith({
      '.silolintrc.json': '{ "rules": { "over-the-wall": "off" } }',
      'a.md': `${wall}\n${disowning}`,
      'inner/.silolintrc.json': '{ "root": true }',
      'inner/b.md': `${wall}\n${disowning}`,
    })
    const other = await folderWith({
      '.silolintrc.yaml': 'rules: { disowning: off }\n',
      'c.md': `${wall}\n${disowning}`,
    })
    const editor = await Editor.start({ folders: [one, other, join(one, 'inner')] })
    expect(await lintAll(editor)).toMatchObject({ documents: 3, left: 0, findings: 4 })
    expect(rulesIn(editor, one, 'a.md')).toEqual(['disowning'])
    expect(rulesIn(editor, one, 'inner/b.md')).toEqual(['over-the-wall', 'disowning'])
    expect(rulesIn(editor, other, 'c.md')).toEqual(['over-the-wall'])
    for (const folder of [one, other])
      for (const [path, findings] of await onCommandLine(folder))
        expect((await inEditor(editor)).get(path)).toEqual(findings)
    // a folder that is taken out takes its findings along, and one that is added brings its own
    const third = await folderWith({ 'd.md': wall })
    await editor.connection.sendNotification(DidChangeWorkspaceFoldersNotification.type, {
      event: {
        added: [{ uri: pathToFileURL(third).href, name: '' }],
        removed: [{ uri: pathToFileURL(other).href, name: '' }],
      },
    })
    await until(editor, third, 'd.md', ['over-the-wall'])
    await until(editor, other, 'c.md', [])
  })

  // Fixtures "file outside any folder", "untitled file".
  test('a file outside of them and one never saved are linted while they are open, and left alone when they are not', async () => {
    const folder = await folderWith({ 'a.md': wall })
    const elsewhere = await folderWith({ '.silolintrc.json': '{ "rules": { "disowning": "off" } }', 'b.md': wall })
    const editor = await Editor.start({ folders: [folder] })
    const outside = await editor.open(uriIn(elsewhere, 'b.md'), `${wall}\n${disowning}`)
    const untitled = await editor.open('untitled:Untitled-1', disowning)
    expect(await lintAll(editor)).toMatchObject({ documents: 1, findings: 1 })
    expect((await editor.pull(outside)).map(({ code }) => code)).toEqual(['over-the-wall'])
    expect((await editor.pull(untitled)).map(({ code }) => code)).toEqual(['disowning'])
    await writeFile(join(elsewhere, 'b.md'), disowning)
    await tell(editor, elsewhere, { 'b.md': 'Changed' })
    await editor.closeDocument(outside)
    await editor.closeDocument(untitled)
    await writeFile(join(folder, 'a.md'), disowning)
    await tell(editor, folder, { 'a.md': 'Changed' })
    await until(editor, folder, 'a.md', ['disowning'])
    expect(rulesIn(editor, elsewhere, 'b.md')).toEqual([])
    expect(rulesIn(editor, folder, 'a.md')).toEqual(['disowning'])
  })
})

test('a folder on no disk that the server can read is told of, and the others are linted', async () => {
  const folder = await folderWith({ 'a.md': wall })
  const editor = await Editor.start({ folders: [folder] })
  await editor.connection.sendNotification(DidChangeWorkspaceFoldersNotification.type, {
    event: { added: [{ uri: 'vscode-vfs://github/acme/handbook', name: '' }], removed: [] },
  })
  expect(await lintAll(editor)).toMatchObject({ documents: 1, unreached: 1, findings: 1 })
})

describe('thousands of documents', () => {
  const names = Array.from({ length: 5000 }, (_, index) => `handbook-${index % 50}/procedure-${index}.md`)
  const withProgress = { ...modern, window: { workDoneProgress: true } }
  type Word = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd

  /** What the editor hears of the server's work. */
  const listen = (editor: Editor): Word[] => {
    const words: Word[] = []
    editor.connection.onRequest(WorkDoneProgressCreateRequest.type, ({ token }) => {
      editor.connection.onProgress(WorkDoneProgress.type, token, (word) => void words.push(word))
    })
    return words
  }

  // Fixture "5,000-file workspace scan with cancel".
  test('are linted with progress, while an open one is answered at once, until somebody cancels', {
    timeout: 120_000,
  }, async () => {
    const folder = await folderWith(Object.fromEntries(names.map((name) => [name, wall])))
    const editor = await Editor.start({ folders: [folder], capabilities: withProgress })
    const words = listen(editor)
    const document = await editor.open(uriIn(folder, 'handbook-0/procedure-0.md'), wall)
    await editor.pull(document)
    const stop = new CancellationTokenSource()
    let isOver = false
    const scan = lintAll(editor, stop).finally(() => (isOver = true))
    await editor.until(() => editor.published.length > 100)
    // in order, whatever the machine is doing: what is typed is answered long before the scan is
    for (let count = 0; count < 20; count++) {
      await editor.change(document, [
        { range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, text: 'Oh! ' },
      ])
      expect(await editor.pull(document)).toHaveLength(1)
      await editor.connection.sendRequest(HoverRequest.type, {
        textDocument: { uri: document.uri },
        position: { line: 0, character: 90 },
      })
    }
    expect(isOver).toBe(false)
    stop.cancel()
    const summary = await scan
    expect(summary.documents + summary.left).toBe(5000)
    expect(summary.left).toBeGreaterThan(0)
    expect(summary.documents).toBeGreaterThan(0)
    expect(words[0]).toMatchObject({ kind: 'begin', cancellable: true, percentage: 0 })
    expect(words.at(-1)).toEqual({ kind: 'end' })
    expect(words.some((word) => word.kind === 'report' && / \/ 5,000$/.test(word.message ?? ''))).toBe(true)
    // what was found stays, and what is asked for again is all of it
    expect(editor.published.length).toBeGreaterThan(100)
    expect(await lintAll(editor)).toMatchObject({ documents: 5000, left: 0, findings: 5000 })
    const open = editor.published.filter(({ uri }) => uri === document.uri)
    expect(open.flatMap(({ diagnostics }) => diagnostics)).toEqual([])
  })

  // Fixture "thousands of findings" (markdownlint's extension #145).
  test('with thousands of findings are counted to the last, and shown up to a limit that is told', {
    timeout: 120_000,
  }, async () => {
    const folder = await folderWith(
      Object.fromEntries(names.slice(0, 30).map((name) => [name, `${wall}\n`.repeat(400)])),
    )
    const editor = await Editor.start({ folders: [folder] })
    const summary = await lintAll(editor)
    expect(summary).toEqual({ documents: 30, left: 0, unreached: 0, findings: 12_000, shown: 10_000 })
    expect([...(await inEditor(editor)).values()].flat()).toHaveLength(10_000)
    // where there is room again what was left out comes in
    const [first = ''] = names
    await writeFile(join(folder, first), quiet)
    await tell(editor, folder, { [first]: 'Changed' })
    await until(editor, folder, first, [])
    expect(await lintAll(editor)).toMatchObject({ findings: 11_600, shown: 10_000 })
  })
})
