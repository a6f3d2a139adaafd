import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  type CodeAction,
  CodeActionKind,
  type Diagnostic,
  DiagnosticSeverity,
  DidChangeWatchedFilesNotification,
  type DidChangeWatchedFilesRegistrationOptions,
  DidChangeWorkspaceFoldersNotification,
  HoverRequest,
  type SnippetTextEdit,
  type TextEdit,
} from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { command, folderWith as freshFolder } from './command.ts'
import { Editor, marks, older, one, uriIn } from './protocoleditor.ts'

/** A rule of a team's own, so that what these tests expect does not change with the catalogue. */
const lobbing = `---
severity: error
message: "“$match” ends our part while the customer still waits."
phrases:
  - zap … across
rewrites:
  - pass … on and stay with [customer] until [customer] has [outcome]
  - keep …
---

# Lobbing

A handover that says who stops caring.
`

/** A folder on disk with these files, and with the team's rule unless told otherwise. */
const folderWith = (files: Record<string, string> = {}, rule: string | null = lobbing): Promise<string> =>
  freshFolder(
    { '.silolintrc.json': '{}', ...(rule ? { '.silolint/rules/lobbing.md': rule } : {}), ...files },
    'silolint server ',
  )

describe.each(['--stdio', '--node-ipc'] as const)('a writer whose editor starts the server with %s', (transport) => {
  test('sees findings where they stand, while typing and with any characters', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ transport, folders: [folder] })
    const document = await editor.open(
      uriIn(folder, 'handover.md'),
      '# Handover 🏗️\r\n\r\n- 🧑‍🔧 We zap the build across to Support.\r\n- Done.\r\n',
    )
    expect(one(await editor.pull(document))).toMatchObject({
      range: { start: { line: 2, character: 11 }, end: { line: 2, character: 31 } },
      severity: DiagnosticSeverity.Error,
      source: 'silolint',
      code: 'lobbing',
      message: '“zap the build across” ends our part while the customer still waits.',
      data: {
        rewrites: ['pass the build on and stay with [customer] until [customer] has [outcome]', 'keep the build'],
      },
    })

    await editor.replace(document, '# Handover', '# 🧱🧱 Our\r\nHandover')
    await editor.replace(document, 'Done.', 'Then 𝓌𝑒 zap\r\n  every ticket across, 🎉.')
    expect(marks(document, await editor.pull(document))).toEqual([
      'lobbing: zap the build across',
      'lobbing: zap\r\n  every ticket across',
    ])

    await editor.replace(document, 'We zap the build across to Support', 'We help')
    expect(marks(document, await editor.pull(document))).toEqual(['lobbing: zap\r\n  every ticket across'])
  })
})

describe('a writer whose editor cannot pull', () => {
  test('gets findings pushed with the version they belong to, and none that are out of date', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ capabilities: older, folders: [folder] })
    expect(editor.initialized.capabilities.diagnosticProvider).toBeUndefined()
    const document = await editor.open(uriIn(folder, 'handover.md'), 'They zap it across.\n')
    expect(marks(document, await editor.pushed(document))).toEqual(['lobbing: zap it across'])

    const texts = new Map<number, string>()
    for (let count = 0; count < 200; count++) {
      await editor.change(document, [
        { range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, text: 'Oh! ' },
      ])
      texts.set(document.version, document.getText())
    }
    expect(marks(document, await editor.pushed(document))).toEqual(['lobbing: zap it across'])
    const later = editor.published.filter(({ uri, version }) => uri === document.uri && version !== 1)
    expect(later.length).toBeLessThan(20)
    for (const { version, diagnostics } of later) {
      const then = TextDocument.create(document.uri, 'markdown', 0, texts.get(version ?? 0) ?? '')
      expect(marks(then, diagnostics)).toEqual(['lobbing: zap it across'])
    }

    await editor.closeDocument(document)
    await editor.until(() => editor.published.at(-1)?.diagnostics.length === 0)
  })

  test('gets plain rewrites, plain hovers and configuration changes all the same', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ capabilities: older, folders: [folder] })
    const document = await editor.open(uriIn(folder, 'handover.md'), 'They zap it across.\n')
    const finding = one(await editor.pushed(document))
    const [action] = await editor.actions(document, finding)
    expect(applied(document, action)).toBe('They pass it on and stay with [customer] until [customer] has [outcome].\n')
    const hover = await editor.connection.sendRequest(HoverRequest.type, {
      textDocument: { uri: document.uri },
      position: finding.range.start,
    })
    expect(hover?.contents).toMatchObject({ kind: 'plaintext' })

    await editor.configure({ rules: { lobbing: 'off' } })
    await editor.until(() => editor.published.at(-1)?.diagnostics.length === 0)
    await editor.configure({ rules: { lobbing: 'info' } })
    const again = await editor.until(() => editor.published.at(-1)?.diagnostics[0])
    expect(again.severity).toBe(DiagnosticSeverity.Information)
  })

  test('sees the faults of an open rule file beside its findings', async () => {
    const folder = await folderWith({
      '.silolint/rules/lobbing.md': lobbing.replace('severity: error', 'severity: grave'),
    })
    const editor = await Editor.start({ capabilities: older, folders: [folder] })
    const rule = join(folder, '.silolint/rules/lobbing.md')
    const document = await editor.open(pathToFileURL(rule).href, await readFile(rule, 'utf8'))
    const here = await editor.until(() =>
      editor.published
        .findLast(({ uri, version }) => uri === document.uri && version === 1)
        ?.diagnostics.map(({ range }) => document.getText(range)),
    )
    expect(here).toContain('grave')
  })
})

describe('a writer who accepts a rewrite', () => {
  const text = 'We zap the build across to Support.\n'

  test('is offered each one, in an order and with titles to choose by, for this version of the text', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'handover.md'), text)
    const stale = one(await editor.pull(document))
    await editor.replace(document, 'We', '🏗️ Please, we')
    const finding = one(await editor.pull(document))
    const { data, ...withoutData } = finding
    expect(data).toBeDefined()
    const actions = rewritesIn(await editor.actions(document, withoutData))
    expect(actions.map(({ title, kind, isPreferred }) => ({ title, kind, isPreferred }))).toEqual([
      {
        title: 'Rewrite as “pass the build on and stay with [customer] until [customer] has [outcome]”',
        kind: CodeActionKind.QuickFix,
        isPreferred: undefined,
      },
      { title: 'Rewrite as “keep the build”', kind: CodeActionKind.QuickFix, isPreferred: undefined },
    ])
    expect(actions.map(({ diagnostics }) => diagnostics)).toEqual([[withoutData], [withoutData]])
    expect(applied(document, actions[1])).toBe('🏗️ Please, we keep the build to Support.\n')
    const versions = actions.map(({ edit }) => edit?.documentChanges?.map((c) => 'textDocument' in c && c.textDocument))
    expect(versions).toEqual([[{ uri: document.uri, version: 2 }], [{ uri: document.uri, version: 2 }]])
    // An editor that still shows the old version may ask with its old diagnostic: the edits fit the new one.
    expect(applied(document, (await editor.actions(document, stale))[1])).toBe(
      '🏗️ Please, we keep the build to Support.\n',
    )
  })

  test('steps through what is left to fill in, each name once', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'handover.md'), 'We zap the $5 plan across.\n')
    const finding = one(await editor.pull(document))
    const [action] = await editor.actions(document, finding)
    const changes = action?.edit?.documentChanges ?? []
    expect(changes.flatMap((change) => ('edits' in change ? change.edits : []))).toEqual([
      {
        range: finding.range,
        snippet: {
          kind: 'snippet',
          // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a snippet
          value: 'pass the \\$5 plan on and stay with ${1:[customer]} until ${1:[customer]} has ${2:[outcome]}',
        },
      } satisfies SnippetTextEdit,
    ])
  })

  test('has one keystroke for a sole rewrite that is finished', async () => {
    const folder = await folderWith({}, lobbing.replace(/ {2}- pass .*\n/, ''))
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'handover.md'), text)
    const finding = one(await editor.pull(document))
    const actions = rewritesIn(await editor.actions(document, finding))
    expect(actions.map(({ isPreferred }) => isPreferred)).toEqual([true])
  })

  test('costs nothing where other kinds of action are asked for', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'handover.md'), text)
    const finding = one(await editor.pull(document))
    const count = async (only: string[]): Promise<number> =>
      rewritesIn(await editor.actions(document, finding, only)).length
    expect(await count(['source.fixAll'])).toBe(0)
    expect(await count(['quickfix.other', 'refactor'])).toBe(0)
    expect(await count([])).toBe(0)
    expect(await count(['source', 'quickfix'])).toBe(2)
    expect(await count([''])).toBe(2)
  })

  test('reads in the hover what is wrong and why, and no more', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'handover.md'), 'We zap *the* <b>build</b> across.\n')
    const finding = one(await editor.pull(document))
    const hover = (position: { line: number; character: number }) =>
      editor.connection.sendRequest(HoverRequest.type, { textDocument: { uri: document.uri }, position })
    const here = await hover({ line: 0, character: 5 })
    expect(here?.range).toEqual(finding.range)
    expect(here?.contents).toMatchObject({
      kind: 'markdown',
      value: expect.stringContaining('ends our part while the customer still waits'),
    })
    expect(here?.contents).toMatchObject({
      value: expect.stringContaining('**\n\nA handover that says who stops caring.\n\n'),
    })
    expect(await hover({ line: 0, character: 1 })).toBeNull()
    expect(await hover(finding.range.end)).toBeNull()
  })
})

describe('a writer who hides a finding with a comment', () => {
  test('sees it go, hears when the comment hides nothing any more, and can take the comment out', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(
      uriIn(folder, 'handover.md'),
      'We zap the build across, and zap it across again.\n',
    )
    expect(marks(document, await editor.pull(document))).toEqual([
      'lobbing: zap the build across',
      'lobbing: zap it across',
    ])
    await editor.replace(document, 'again.', 'again. <!-- silolint-disable-line lobbing -- as it was -->')
    expect(await editor.pull(document)).toEqual([])

    await editor.replace(document, 'We zap the build across, and zap it across again', 'We help')
    const finding = one(await editor.pull(document))
    expect(finding).toMatchObject({
      code: 'silolint/unused-suppression',
      severity: DiagnosticSeverity.Warning,
      message: 'This comment hides nothing of “lobbing”. Remove it.',
    })
    const [action] = await editor.actions(document, finding)
    expect(action?.title).toMatch(/^Remove “<!-- silolint-disable-line/)
    expect(action?.isPreferred).toBe(true)
    expect(applied(document, action)).toBe('We help.\n')
    const hover = await editor.connection.sendRequest(HoverRequest.type, {
      textDocument: { uri: document.uri },
      position: { line: 0, character: finding.range.start.character + 1 },
    })
    expect(hover?.contents).toMatchObject({ value: expect.stringContaining('hides nothing any more. Left in place') })

    await editor.refreshedBy(() => editor.configure({ rules: { 'silolint/unused-suppression': 'off' } }))
    expect(await editor.pull(document)).toEqual([])
  })
})

describe('a team that changes its mind', () => {
  const text = 'We zap the build across.\n'

  test('in the settings of the editor is heard without a restart', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder], settings: { enable: true, rules: {} } })
    const document = await editor.open(uriIn(folder, 'handover.md'), text)
    expect(await editor.pull(document)).toHaveLength(1)
    await editor.refreshedBy(() => editor.configure({ enable: true, rules: { lobbing: 'off' } }))
    expect(await editor.pull(document)).toEqual([])
    await editor.refreshedBy(() => editor.configure({ enable: true, rules: { lobbing: 'warning' } }))
    expect(await editor.pull(document)).toMatchObject([{ severity: DiagnosticSeverity.Warning }])
    await editor.refreshedBy(() => editor.configure({ enable: false }))
    expect(await editor.pull(document)).toEqual([])
  })

  test('in a setting that means nothing is told in the output, and the rest holds', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder], settings: { rules: { lobbing: 'fatal', lobbin: 'off' } } })
    const document = await editor.open(uriIn(folder, 'handover.md'), text)
    expect(await editor.pull(document)).toMatchObject([{ severity: DiagnosticSeverity.Error }])
    expect(editor.log.filter((line) => line.includes('fatal'))).toHaveLength(1)
    expect(editor.log.filter((line) => line.includes('lobbin') && line.includes('lobbing'))).toHaveLength(2)
  })

  test('in a configuration or rule file on disk is heard without a restart', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'handover.md'), text)
    expect(await editor.pull(document)).toHaveLength(1)
    const configuration = join(folder, '.silolintrc.json')
    await editor.refreshedBy(() => editor.write(configuration, '{ "rules": { "lobbing": "off" } }'))
    expect(await editor.pull(document)).toEqual([])
    await editor.refreshedBy(() => editor.write(configuration, '{}'))
    const rule = join(folder, '.silolint/rules/lobbing.md')
    await editor.refreshedBy(() => editor.write(rule, lobbing.replace('ends our part', 'is our end')))
    expect((await editor.pull(document))[0]?.message).toContain('is our end')
  })

  test('in an override, a configuration that is extended, or an ignore file is heard without a restart', async () => {
    const folder = await folderWith({
      '.silolintrc.json': JSON.stringify({
        extends: './base.yaml',
        overrides: [{ files: 'legal/**', rules: { lobbing: 'info' } }],
      }),
    })
    const editor = await Editor.start({ folders: [folder] })
    const severities = async (): Promise<unknown[]> => {
      const pulled = await Promise.all([legal, other].map((document) => editor.pull(document)))
      return pulled.map(([diagnostic]) => diagnostic?.severity)
    }
    const legal = await editor.open(uriIn(folder, 'legal/handover.md'), text)
    const other = await editor.open(uriIn(folder, 'handover.md'), text)
    const { Error: error, Warning: warning, Information: info } = DiagnosticSeverity
    expect(await severities()).toEqual([info, error])
    // what does not exist yet is watched too: writing it mends the configuration
    const watched = await editor.until(() => {
      const found = JSON.stringify([...editor.registrations.values()])
      return found.includes('base.yaml') && found
    })
    expect(watched).toContain('**/.silolintignore')
    expect(editor.log.filter((line) => line.includes('./base.yaml'))).toHaveLength(1)
    const base = join(folder, 'base.yaml')
    await editor.refreshedBy(() => editor.write(base, 'rules: { lobbing: warning }\n'))
    expect(await severities()).toEqual([info, warning])
    await editor.refreshedBy(() => editor.write(base, 'rules: { lobbing: off }\n'))
    expect(await severities()).toEqual([info, undefined])
    const configuration = join(folder, '.silolintrc.json')
    await editor.refreshedBy(() =>
      editor.write(configuration, '{ "overrides": [{ "files": "*", "sector": "health" }] }'),
    )
    expect(await severities()).toEqual([error, error])
    await editor.refreshedBy(() => editor.write(join(folder, '.silolintignore'), 'legal/\n'))
    expect(await severities()).toEqual([undefined, error])
  })

  test('above the folder that is open is watched as well', async () => {
    const folder = await folderWith({ 'team/handover.md': text })
    const editor = await Editor.start({ folders: [join(folder, 'team')] })
    const document = await editor.open(uriIn(folder, 'team/handover.md'), text)
    expect(await editor.pull(document)).toHaveLength(1)
    const watchers = await editor.until(() => {
      const found = [...editor.registrations.values()]
        .filter(({ method }) => method === DidChangeWatchedFilesNotification.method)
        .flatMap(({ registerOptions }) => (registerOptions as DidChangeWatchedFilesRegistrationOptions).watchers)
      return found.some(({ globPattern }) => typeof globPattern !== 'string') && found
    })
    const patterns = watchers.map(({ globPattern }) => globPattern)
    expect(patterns).toContain('**/.silolintrc*')
    expect(patterns).toContainEqual({ baseUri: pathToFileURL(folder).href, pattern: '.silolintrc.json' })
    expect(patterns).toContainEqual({ baseUri: uriIn(folder, '.silolint/rules'), pattern: 'lobbing.md' })
  })

  test('and slips finds the fault in the file that has it until it is mended, and never a toast', async () => {
    const folder = await folderWith({ '.silolintrc.json': '{\n  "ignores": [],\n  "rules": { "lobbin": "off" }\n}\n' })
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open(uriIn(folder, 'handover.md'), text)
    expect(await editor.pull(document)).toHaveLength(1)
    const configuration = uriIn(folder, '.silolintrc.json')
    const { diagnostics } = await editor.until(() => editor.published.findLast(({ uri }) => uri === configuration))
    expect(diagnostics).toMatchObject([{ source: 'silolint', range: { start: { line: 2 } } }])
    expect(diagnostics[0]?.message).toContain('lobbing')
    await editor.replace(document, 'We', 'They')
    expect(await editor.pull(document)).toHaveLength(1)
    expect(editor.log.filter((line) => line.includes('.silolintrc.json:3:'))).toHaveLength(1)
    await editor.write(fileURLToPath(configuration), '{ "rules": { "lobbing": "off" } }')
    await editor.until(() => {
      const last = editor.published.findLast(({ uri }) => uri === configuration)
      return last?.diagnostics.length === 0
    })
    expect(await editor.pull(document)).toEqual([])
  })

  test('in code is heard only where the workspace is trusted', async () => {
    const folder = await folderWith({ 'silolint.config.mjs': 'export default { rules: { lobbing: "off" } }\n' })
    await rm(join(folder, '.silolintrc.json'))
    const plain = await folderWith({ '.silolintrc.json': '{ "rules": { "lobbing": "error" } }\n' })
    const wary = await Editor.start({ folders: [folder, plain] })
    let told = 0
    wary.connection.onNotification('silolint/unrun', () => void told++)
    expect(await wary.pull(await wary.open(uriIn(plain, 'handover.md'), text))).toHaveLength(1)
    // nothing is held back there
    expect(told).toBe(0)
    const document = await wary.open(uriIn(folder, 'handover.md'), text)
    expect(await wary.pull(document)).toHaveLength(1)
    expect(await wary.pull(await wary.open(uriIn(folder, 'sub/handover.md'), text))).toHaveLength(1)
    // once, and on no document: there is nothing wrong with the file
    await expect.poll(() => told).toBe(1)
    expect(
      wary.log.filter((line) => line.includes('because it is code and the workspace is not trusted')),
    ).toHaveLength(1)
    expect(wary.published.filter(({ diagnostics }) => diagnostics.length)).toEqual([])
    const trusting = await Editor.start({ folders: [folder], trusted: true })
    expect(await trusting.pull(await trusting.open(document.uri, text))).toEqual([])
  })
})

describe('a document', () => {
  const text = 'We zap the build across.\n'

  test('not saved yet is linted as if it lay in the first folder, wherever folders come from', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const document = await editor.open('untitled:Untitled-1', text)
    expect(marks(document, await editor.pull(document))).toEqual(['lobbing: zap the build across'])
    await editor.refreshedBy(() =>
      editor.connection.sendNotification(DidChangeWorkspaceFoldersNotification.type, {
        event: { added: [], removed: [{ uri: pathToFileURL(folder).href, name: '' }] },
      }),
    )
    expect(await editor.pull(document)).toEqual([])
  })

  test('outside any folder, or in none, has the rules that come with Silolint', async () => {
    const editor = await Editor.start()
    const wall = 'We throw the build over the wall to Support and move on.\n'
    for (const uri of ['untitled:Untitled-1', 'vscode-vfs://github/team/process/handover.md']) {
      const document = await editor.open(uri, wall)
      expect((await editor.pull(document)).map(({ code }) => code)).toContain('over-the-wall')
    }
  })

  test('whose address is written with escapes is found on disk', async () => {
    const folder = await folderWith({ 'Überga be/.silolintrc.json': '{ "rules": { "lobbing": "info" } }' })
    const editor = await Editor.start({ folders: [folder] })
    const uri = uriIn(folder, 'Überga be/a&b.md').replace('&', '%26').replaceAll('silolint', 'silo%6Cint')
    expect(uri).toContain('%C3%9Cberga%20be/a%26b.md')
    const document = await editor.open(uri, text)
    expect(await editor.pull(document)).toMatchObject([{ severity: DiagnosticSeverity.Information }])
  })

  test('in plain text is read as plain text', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const code = 'Steps:\n\n```\nWe zap the build across.\n```\n'
    expect(await editor.pull(await editor.open(uriIn(folder, 'a.md'), code))).toEqual([])
    for (const [name, language] of [
      ['b.txt', 'plaintext'],
      ['c.sop', 'silolint-process'],
      ['d', 'plaintext'],
    ] as const)
      expect(await editor.pull(await editor.open(uriIn(folder, name), code, language))).toHaveLength(1)
    // what VS Code calls plain text for want of a better name is read as the command line reads it
    expect(await editor.pull(await editor.open(uriIn(folder, 'e.mdx'), code, 'plaintext'))).toEqual([])
    const far = await editor.open('vscode-vfs://github/team/a.txt', '```\nThat is not our job.\n```\n', 'plaintext')
    expect(await editor.pull(far)).toHaveLength(1)
  })

  test('that changes 200 times faster than it can be linted has the findings of its last version', async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const filler = 'Each of us answers for what the customer gets, and says so.\n\n'.repeat(5000)
    const document = await editor.open(uriIn(folder, 'long.md'), `We zap it across.\n\n${filler}`)
    const answers: Promise<Diagnostic[]>[] = []
    for (let count = 0; count < 200; count++) {
      await editor.change(document, [
        { range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, text: 'Oh! ' },
      ])
      answers.push(editor.pull(document))
    }
    const all = await Promise.all(answers)
    expect(marks(document, all.at(-1) ?? [])).toEqual(['lobbing: zap it across'])
    // Where the finding stands tells the version that was linted: very few of them were.
    expect(new Set(all.map(([finding]) => finding?.range.start.character)).size).toBeLessThan(20)
  })

  test('that Silolint fails on costs its own findings, with a stack in the output, and nothing else', async () => {
    const folder = await folderWith()
    const editor = await Editor.startFailing({ folders: [folder] })
    const bad = await editor.open(uriIn(folder, 'bad.md'), `${text}\nboom\n`)
    const good = await editor.open(uriIn(folder, 'good.md'), text)
    expect(await editor.pull(bad)).toEqual([])
    expect(await editor.pull(good)).toHaveLength(1)
    expect(editor.log.filter((line) => /Error: boom\n +at /.test(line))).toHaveLength(1)
    await editor.replace(bad, 'boom', 'calm')
    expect(await editor.pull(bad)).toHaveLength(1)
  })

  test('of ten megabytes does not take the server down', { timeout: 300_000 }, async () => {
    const folder = await folderWith()
    const editor = await Editor.start({ folders: [folder] })
    const paragraph = 'Lorem ipsum dolor sit amet, consectetur adipiscing elit sed eiusmod. '
    const large = await editor.open(uriIn(folder, 'large.md'), `${text}\n${`${paragraph}\n\n`.repeat(170_000)}`)
    const small = await editor.open(uriIn(folder, 'small.md'), text)
    await editor.pull(large)
    expect(await editor.pull(small)).toHaveLength(1)
  })
})

// vale-vscode #47, #73
test('a team sees the same findings in the editor and on the command line', async () => {
  const folder = await folderWith({
    'handover.md': [
      '# Handover 🏗️',
      '',
      'We zap the *build* across. Password resets are not our responsibility.',
      '',
      '| Step | Who |',
      '| --- | --- |',
      '| Engineering throws the build over the wall to Support | 🧑‍🔧 We zap each `x` across |',
      '',
    ].join('\r\n'),
    'process/steps.txt': '\uFEFFThey zap tickets\nacross. Customers\tlob nothing.\n',
    'process/quiet.md': 'We stay with the customer until it works.\n',
    'process/.silolintrc.json': '{ "extends": "./base.yaml" }',
    'process/base.yaml': 'overrides: [{ files: "*.txt", rules: { lobbing: warning } }]\n',
    'process/.silolintignore': 'left-out.md\n',
    'process/left-out.md': 'We zap the build across.\n',
    'process/silolint.md': 'We zap the build across.\n',
  })
  const run = promisify(execFile)
  const args = [command, '--format', 'json', folder]
  const { stdout } = await run(process.execPath, args, { cwd: folder }).catch((error: { stdout: string }) => error)
  const reported = new Map(
    (JSON.parse(stdout) as Report[]).map(({ path, findings }) => [resolve(folder, path), findings.map(comparable)]),
  )

  const editor = await Editor.start({ folders: [folder] })
  const found = new Map<string, Finding[]>()
  const names = ['handover.md', 'process/steps.txt', 'process/quiet.md', 'process/silolint.md']
  for (const name of [...names, 'process/left-out.md']) {
    const source = await readFile(join(folder, name), 'utf8')
    // Editors keep the byte order mark to themselves; the command line counts it.
    const mark = source.startsWith('\uFEFF') ? 1 : 0
    const language = name.endsWith('.md') ? 'markdown' : 'plaintext'
    const document = await editor.open(uriIn(folder, name), source.slice(mark), language)
    const findings = (await editor.pull(document)).map(({ code, severity, message, range, codeDescription, data }) => ({
      rule: code,
      severity: severity === 1 ? 'error' : severity === 2 ? 'warning' : 'info',
      message,
      url: codeDescription?.href,
      rewrites: (data as { rewrites: string[] }).rewrites,
      start: { offset: document.offsetAt(range.start) + mark },
      end: { offset: document.offsetAt(range.end) + mark },
    }))
    found.set(join(folder, name), findings)
  }
  expect([...found.values()].map(({ length }) => length)).toEqual([expect.any(Number), 1, 0, 1, 0])
  expect(found.get(join(folder, 'handover.md'))?.length).toBeGreaterThan(2)
  for (const [path, findings] of found) expect(findings).toEqual(reported.get(path) ?? [])
})

interface Report {
  path: string
  findings: Finding[]
}

interface Finding {
  rule?: unknown
  severity: string
  message: unknown
  url?: string | undefined
  rewrites: string[]
  start: { offset: number }
  end: { offset: number }
}

const comparable = ({ rule, severity, message, url, rewrites, start, end }: Finding): Finding => ({
  rule,
  severity,
  message,
  url,
  rewrites,
  start: { offset: start.offset },
  end: { offset: end.offset },
})

/** Of what is offered the rewrites alone. */
const rewritesIn = (actions: CodeAction[]): CodeAction[] =>
  actions.filter(({ kind }) => kind === CodeActionKind.QuickFix)

/** The text after an editor has made the edits of an action, all of them plain. */
function applied(document: TextDocument, action: CodeAction | undefined): string {
  const edits = (action?.edit?.documentChanges ?? []).flatMap((change) => ('edits' in change ? change.edits : []))
  expect(edits.length).toBeGreaterThan(0)
  for (const each of edits) expect(each).toHaveProperty('newText')
  return TextDocument.applyEdits(document, edits as TextEdit[])
}
