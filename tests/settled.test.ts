import { cp, mkdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  DidChangeWatchedFilesNotification,
  FileChangeType,
  type FileEvent,
  HoverRequest,
} from 'vscode-languageserver/node'
import { openProject } from '../engine/disk.ts'
import { folderWith, silolint } from './command.ts'
import { Editor, marks, one, serverFile, uriIn } from './protocoleditor.ts'

const text = 'Refunds are not our job. We need to get everyone on board.\n'
const both = ['disowning: are not our job', 'good-versus-bad: get everyone on board']

describe('a configuration that is broken while somebody types it', () => {
  const sound = { json: '{ "rules": { "disowning": "off" } }', yml: 'rules:\n  disowning: off\n' }

  test.each([
    [
      '.silolintrc.json',
      sound.json,
      ['{ "rules": { "disowning": "of', '{ "ru', '{ "rules": { "disowning": "off" }, "x'],
    ],
    ['.silolintrc.yml', sound.yml, ['rules:\n  disowning: off\n  "over', 'rules: {', 'rules:\n  disowning: [']],
  ])('holds as it last could be read: %s', async (name, whole, broken) => {
    const folder = await folderWith({ [name]: whole })
    const path = join(folder, name)
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'refunds.md'), text)
    expect(marks(document, await editor.pull(document))).toEqual(both.slice(1))
    const told = () => editor.published.findLast(({ uri }) => uri === pathToFileURL(path).href)?.diagnostics ?? []
    for (const half of broken) {
      await editor.refreshedBy(() => editor.write(path, half))
      // no finding comes and goes, and one thing is said, where it has to be mended
      expect(marks(document, await editor.pull(document))).toEqual(both.slice(1))
      expect(one(told()).message).toMatch(/until then its settings hold as they could last be read/)
    }
    await editor.refreshedBy(() => editor.write(path, whole.replace('disowning', 'good-versus-bad')))
    expect(marks(document, await editor.pull(document))).toEqual(both.slice(0, 1))
    await editor.until(() => told().length === 0)
  })

  test('has no earlier text that holds where there was none, nor on the command line', async () => {
    const folder = await folderWith({ '.silolintrc.yml': 'rules: {', 'refunds.md': text })
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'refunds.md'), text)
    expect(marks(document, await editor.pull(document))).toEqual(both)
    const { stderr, code } = await silolint(['refunds.md'], { cwd: folder })
    expect([code, stderr]).toEqual([2, expect.stringMatching(/until then none of its settings hold/)])
  })

  test('says nothing of what was wrong with the earlier text', async () => {
    const folder = await folderWith({ '.silolintrc.json': '{ "rules": { "disowing": "off", "disowning": "off" } }' })
    const kept = new Map()
    const faults = async () =>
      (await openProject({ trusted: false, sound: kept }).resolve(join(folder, 'a.md'))).faults.map(
        ({ problem }) => problem,
      )
    expect(await faults()).toEqual([expect.stringMatching(/no such rule/)])
    await writeFile(join(folder, '.silolintrc.json'), '{ "rules": {')
    expect(await faults()).toEqual([expect.stringMatching(/not valid JSON/)])
  })
})

test('an extension whose files are gone goes on in the windows that run it', { timeout: 120_000 }, async () => {
  const folder = await folderWith({ '.silolint/rules/referral.md': '' })
  const dist = join(await folderWith({}, 'silolint-dist-'), 'dist')
  await mkdir(dist)
  for (const file of ['server.cjs', 'rules.bin', 'plugin.js'])
    await cp(join(dirname(serverFile), file), join(dist, file))
  const editor = await Editor.start({ args: [join(dist, 'server.cjs'), '--stdio'], folders: [folder], trusted: true })
  const document = await editor.open(uriIn(folder, 'refunds.md'), text)
  expect(marks(document, await editor.pull(document))).toEqual(both)
  await rm(dist, { recursive: true })
  // what is read or started only now: a configuration, words of a sector, a plugin, the thread that tests rule files
  await editor.refreshedBy(() =>
    editor.write(
      join(folder, '.silolintrc.json'),
      '{ "sector": "health", "vocabularies": { "served": ["zork"] }, "plugins": { "retext-passive": "info" } }',
    ),
  )
  expect(marks(document, await editor.pull(document))).toEqual(both)
  const rule = await readFile('rules/turf.md', 'utf8')
  const file = await editor.open(uriIn(folder, '.silolint/rules/referral.md'), rule)
  await editor.pull(file)
  await editor.replace(document, 'not our job', 'our job')
  expect(marks(document, await editor.pull(document))).toEqual(both.slice(1))
  expect(editor.process?.exitCode).toBeNull()
})

test('of documents that are opened together one is looked through at a time: it is known which ends the server', async () => {
  const folder = await folderWith({})
  const editor = await Editor.start({ folders: [folder], extension: true })
  const told: Array<string | undefined> = []
  editor.connection.onNotification('silolint/reads', ({ uri }: { uri?: string }) => {
    told.push(uri)
  })
  const uris = ['a.md', 'b.md', 'c.md'].map((name) => uriIn(folder, name))
  const documents = await Promise.all(uris.map((uri) => editor.open(uri, text)))
  await Promise.all(documents.map((document) => editor.pull(document)))
  expect(told.filter((_, index) => index % 2 === 0).sort()).toEqual(uris)
  expect(told.filter((_, index) => index % 2)).toEqual(uris.map(() => undefined))
})

describe('a document', () => {
  const deleted = (editor: Editor, ...paths: string[]): Promise<void> =>
    editor.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
      changes: paths.map((path): FileEvent => ({ uri: pathToFileURL(path).href, type: FileChangeType.Deleted })),
    })

  test('that is deleted under its editor keeps its findings until it is closed', async () => {
    const folder = await folderWith({ 'refunds.md': text })
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'refunds.md'), text)
    expect(marks(document, await editor.pull(document))).toEqual(both)
    await unlink(join(folder, 'refunds.md'))
    await deleted(editor, join(folder, 'refunds.md'))
    await editor.replace(document, 'our job', 'our concern')
    expect(await editor.pull(document)).toHaveLength(2)
    await editor.closeDocument(document)
    expect(await editor.pull(document)).toEqual([])
    // nothing stays behind: the next one of this name is read as it is
    const next = await editor.open(uriIn(folder, 'refunds.md'), 'All is well.\n')
    expect(await editor.pull(next)).toEqual([])
  })

  test('that is renamed takes what was accepted along, while it is edited', async () => {
    const folder = await folderWith({ 'refunds.md': text })
    await silolint(['baseline'], { cwd: folder })
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'refunds.md'), text)
    expect(await editor.pull(document)).toEqual([])
    await mkdir(join(folder, 'money'))
    await rename(join(folder, 'refunds.md'), join(folder, 'money', 'back.md'))
    // as an editor does: the one is closed, the other opened
    await editor.closeDocument(document)
    const renamed = await editor.open(uriIn(folder, 'money/back.md'), text)
    expect(await editor.pull(renamed)).toEqual([])
    await editor.replace(renamed, 'Refunds', 'Returns are not our concern. Refunds')
    expect(marks(renamed, await editor.pull(renamed))).toEqual(['disowning: are not our concern'])
  })

  test('gets another name and language in its editor, and is read as what it is now', async () => {
    const folder = await folderWith({})
    const editor = await Editor.start({ folders: [folder] })
    const code = '    Refunds are not our job.\n'
    const document = await editor.open(uriIn(folder, 'refunds.md'), code)
    expect(await editor.pull(document)).toEqual([])
    await editor.closeDocument(document)
    const renamed = await editor.open(uriIn(folder, 'refunds.txt'), code, 'plaintext')
    expect(marks(renamed, await editor.pull(renamed))).toEqual(['disowning: are not our job'])
  })

  test('with a folder that vanishes under it goes on with what is there', async () => {
    const folder = await folderWith({ 'in/.silolintrc.json': '{ "rules": { "disowning": "off" } }' })
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'in/refunds.md'), text)
    expect(marks(document, await editor.pull(document))).toEqual(both.slice(1))
    await rm(join(folder, 'in'), { recursive: true })
    await editor.refreshedBy(() => deleted(editor, join(folder, 'in/.silolintrc.json'), join(folder, 'in')))
    expect(marks(document, await editor.pull(document))).toEqual(both)
  })

  test('whose address is malformed is read all the same', async () => {
    const editor = await Editor.start({})
    const uri = 'file:///policies/50%-off%E0%A4.md'
    const document = await editor.open(uri, text)
    expect(marks(document, await editor.pull(document))).toEqual(both)
    await editor.connection.sendRequest(HoverRequest.type, {
      textDocument: { uri },
      position: { line: 0, character: 14 },
    })
  })
})
