import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  type CodeAction,
  CodeActionKind,
  CodeActionRequest,
  CodeActionResolveRequest,
  CodeActionTriggerKind,
  type Diagnostic,
  HoverRequest,
  type Position,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { folderWith, silolint } from './command.ts'
import { Editor, marks, modern, older, one, uriIn } from './protocoleditor.ts'

/** Rules of a team's own, so that what these tests expect does not change with the catalogue. */
const rule = (id: string, front: string): Record<string, string> => ({
  [`.silolint/rules/${id}.md`]: `---\nseverity: warning\nmessage: "Mind “$match”."\n${front}\n---\n\n# Own\n\nIt says *who* stops caring. See [this](https://example.org), it matters. There is more to it, which few read.\n`,
})
const lobbing = rule(
  'lobbing',
  'phrases:\n  - zap … across\nrewrites:\n  - pass … on and stay with [customer]\n  - keep …',
)
const project = { '.silolintrc.json': '{}\n', ...lobbing }

/** All rules but those of the tests, which they would get in the way of. */
const others = ['customer-absent-procedure', 'unowned-step', 'over-the-wall'].flatMap((id) => ['--off', id])

const actionsAt = async (
  editor: Editor,
  document: TextDocument,
  diagnostic: Pick<Diagnostic, 'range'>,
  context: { only?: string[]; triggerKind?: CodeActionTriggerKind } = {},
): Promise<CodeAction[]> =>
  ((await editor.connection.sendRequest(CodeActionRequest.type, {
    textDocument: { uri: document.uri },
    range: diagnostic.range,
    context: { diagnostics: [], ...context },
  })) ?? []) as CodeAction[]

/** Chooses an action as an editor does. */
const choose = (editor: Editor, action: CodeAction): Promise<CodeAction> =>
  action.edit ? Promise.resolve(action) : editor.connection.sendRequest(CodeActionResolveRequest.type, action)

/** What the server answers to a measure against the finding of the rule at a place, as the extension asks for one. */
const measured = <Answer = unknown>(
  editor: Editor,
  { uri }: TextDocument,
  position: Position,
  measure: object,
): Promise<Answer> =>
  editor.connection.sendRequest<Answer>('silolint/measure', { uri, rule: 'lobbing', position, measure })

const titled = (actions: readonly CodeAction[], title: string | RegExp): CodeAction => {
  const found = actions.find((action) =>
    typeof title === 'string' ? action.title === title : title.test(action.title),
  )
  expect(found?.title ?? actions.map(({ title }) => title)).toMatch(title)
  return found as CodeAction
}

/** What a snippet is before anybody has typed. */
const unfilled = (snippet: string): string =>
  snippet.replace(/\$\{\d+:((?:[^}\\]|\\.)*)\}/g, '$1').replace(/\\(.)/g, '$1')

/** Makes the edits as an editor does: in the documents it has open, else in the files. */
async function make(editor: Editor, edit: WorkspaceEdit | undefined): Promise<void> {
  expect(edit).toBeDefined()
  for (const change of edit?.documentChanges ?? []) {
    if (!('textDocument' in change)) {
      expect(change.kind).toBe('create')
      const path = fileURLToPath((change as { uri: string }).uri)
      expect(existsSync(path)).toBe(false)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, '')
      continue
    }
    const edits = change.edits.map((edit): TextEdit => {
      return 'snippet' in edit ? { range: edit.range, newText: unfilled(edit.snippet.value) } : edit
    })
    const { uri, version } = change.textDocument
    const open = editor.documents.get(uri)
    if (open) {
      expect(version).toBe(open.version)
      await editor.change(open, [{ text: TextDocument.applyEdits(open, edits) }])
      await writeFile(fileURLToPath(uri), open.getText())
    } else {
      expect(version).toBeNull()
      const path = fileURLToPath(uri)
      await editor.write(
        path,
        TextDocument.applyEdits(TextDocument.create(uri, '', 0, await readFile(path, 'utf8')), edits),
      )
    }
  }
}

/** What the command line finds, as rule, line and severity. */
async function onCommandLine(cwd: string, path: string): Promise<string[]> {
  const { stdout, stderr } = await silolint([path, '--format', 'json', ...others], { cwd })
  expect(stderr).toBe('')
  type Finding = { rule: string; severity: string; start: { line: number } }
  const [report] = JSON.parse(stdout) as [{ findings: Finding[] }]
  return report.findings.map(({ rule, severity, start }) => `${rule} ${severity} ${start.line}`)
}

const opened = async (
  files: Record<string, string>,
  name: string,
  options: Partial<Parameters<typeof Editor.start>[0]> = {},
) => {
  const folder = await folderWith(files, 'silolint quick fix ')
  const off = { 'customer-absent-procedure': 'off', 'unowned-step': 'off', 'over-the-wall': 'off' }
  const editor = await Editor.start({ folders: [folder], settings: { rules: off }, ...options })
  // VS Code by itself calls MDX plain text
  const language = /\.md$/.test(name) ? 'markdown' : 'plaintext'
  const document = await editor.open(uriIn(folder, name), files[name] ?? '', language)
  return { folder, editor, document }
}

describe('the box over a finding', () => {
  const hover = async (editor: Editor, document: TextDocument, at: string): Promise<string> => {
    const position = document.positionAt(document.getText().indexOf(at) + 1)
    const params = { textDocument: { uri: document.uri }, position }
    const answer = await editor.connection.sendRequest(HoverRequest.type, params)
    const { contents } = answer ?? {}
    return contents && typeof contents === 'object' && 'value' in contents ? contents.value : ''
  }

  test('says what, why in two sentences, and shows each rewrite below the sentence as it stands', async () => {
    const text = 'First this. Now\nwe zap *the* build across to Support, and go home. Then that.\n'
    const { editor, document } = await opened({ ...project, 'a.md': text.replaceAll('*', '') }, 'a.md')
    const said = await hover(editor, document, 'zap')
    expect(said).toBe(
      [
        '**Mind “zap the build across”.**',
        'It says who stops caring. See this, it matters.',
        '```diff\n- Now we zap the build across to Support, and go home.\n+ Now we pass the build on and stay with [customer] to Support, and go home.\n+ Now we keep the build to Support, and go home.\n```',
        `[Explain lobbing](${uriIn(fileURLToPath(dirname(document.uri)), '.silolint/rules/lobbing.md')})`,
      ].join('\n\n'),
    )
    expect(said).not.toContain('command:')
  })

  test('cuts a long sentence, changes the article and finds the right one of two', async () => {
    const long = 'while the others of the department look on and wait for what comes next in their way of doing things'
    const plain = rule('plain', 'phrases:\n  - utilise\nrewrites:\n  - employ')
    const text = `The plan to utilise rooms is a utilise plan, ${long}, ${long}.\n`
    const { editor, document } = await opened({ '.silolintrc.json': '{}', ...plain, 'a.md': text }, 'a.md')
    expect(await hover(editor, document, 'utilise plan')).toContain(
      '```diff\n- The plan to utilise rooms is a utilise plan, while the others …\n+ The plan to utilise rooms is an employ plan, while the others …\n',
    )
  })

  test('is plain text where the editor takes no markup', async () => {
    const { editor, document } = await opened({ ...project, 'a.md': 'We zap it across.\n' }, 'a.md', {
      capabilities: older,
    })
    const said = await hover(editor, document, 'zap')
    expect(said).toContain(
      'Mind “zap it across”.\n\nIt says who stops caring. See this, it matters.\n\n- We zap it across.\n+ We pass it on',
    )
    expect(said).toMatch(/\n\nlobbing: file:.*lobbing\.md$/)
  })

  test('links to commands in an editor that has them, of a rule that comes with Silolint and of a team’s own', async () => {
    const text = 'We zap it across.\n\nPassword resets are (sadly) not our responsibility.\n'
    const { editor, document } = await opened({ ...project, 'a (1).md': text }, 'a (1).md', { extension: true })
    for (const [at, id] of [
      ['zap', 'lobbing'],
      ['not our', 'disowning'],
    ] as const) {
      const said = await hover(editor, document, at)
      const links = [...said.matchAll(/\[([^\]]*)\]\(command:([\w.]+)\?(\S+) "[^"]*"\)/g)]
      expect(links.map(([, title, command]) => `${title}: ${command}`)).toEqual([
        'Explain: silolint.explain',
        'Not here: silolint.notHere',
        'Never in this project: silolint.neverInProject',
      ])
      for (const [, , , args] of links)
        expect(JSON.parse(decodeURIComponent(args as string)).slice(0, 2)).toEqual([document.uri, id])
    }
    const page = await editor.connection.sendRequest('silolint/page', { uri: document.uri, rule: 'lobbing' })
    expect(page).toMatchObject({ title: 'Own', severity: 'warning', page: expect.stringContaining('few read.') })
    expect(await editor.connection.sendRequest('silolint/page', { uri: document.uri, rule: 'none' })).toBeNull()
  })

  test('offers nothing to write where there is no folder', async () => {
    const editor = await Editor.start({ extension: true })
    const document = await editor.open('untitled:Untitled-1', 'Password resets are not our responsibility.\n')
    const said = await hover(editor, document, 'are not')
    expect(said).toContain('[Not here]')
    expect(said).not.toContain('Never in this project')
  })
})

describe('the menu at a finding', () => {
  test('has the rewrites first, then what hides it, then what switches it; for an editor that asks, one entry for that', async () => {
    const { editor, document } = await opened({ ...project, 'a.md': 'We zap it across.\n' }, 'a.md')
    const finding = one(await editor.pull(document))
    const actions = await actionsAt(editor, document, finding)
    expect(actions.map(({ title, kind }) => `${kind}: ${title}`)).toEqual([
      'quickfix: Rewrite as “pass it on and stay with [customer]”',
      'quickfix: Rewrite as “keep it”',
      'quickfix.suppress: Not here: hide lobbing, and say why',
      'quickfix.suppress: Not in this document: hide lobbing, and say why',
      'quickfix.suppress: Not for now: accept this one in the baseline of the project',
      'quickfix.configure: Not in this folder: switch lobbing off',
      'quickfix.configure: In this folder: lobbing is information',
      'quickfix.configure: In this folder: lobbing is an error',
      'quickfix.configure: Never in this project: switch lobbing off',
    ])
    for (const { diagnostics } of actions) expect(diagnostics).toHaveLength(1)

    const other = await opened({ ...project, 'a.md': 'We zap it across.\n' }, 'a.md', { extension: true })
    const few = await actionsAt(other.editor, other.document, one(await other.editor.pull(other.document)))
    expect(few.slice(2).map(({ title, command }) => [title, command?.command])).toEqual([
      ['Not here: hide lobbing, and say why', undefined],
      ['Not in this document: hide lobbing, and say why', undefined],
      ['Not for now: accept this one in the baseline of the project', 'silolint.accept'],
      ['Not in this folder, or milder: change how much lobbing weighs …', 'silolint.weigh'],
    ])
  })

  // vscode #84602, vscode-eslint #1055: answer `only` precisely, and never compute on save unless asked
  test('holds what is asked for and nothing else', async () => {
    const { editor, document } = await opened({ ...project, 'a.md': 'We zap it across.\n' }, 'a.md')
    const finding = one(await editor.pull(document))
    const kinds = async (only: string[]) => [
      ...new Set((await actionsAt(editor, document, finding, { only })).map(({ kind }) => kind)),
    ]
    expect(await kinds(['quickfix'])).toEqual(['quickfix', 'quickfix.suppress', 'quickfix.configure'])
    expect(await kinds(['quickfix.suppress'])).toEqual(['quickfix.suppress'])
    expect(await kinds(['quickfix.configure'])).toEqual(['quickfix.configure'])
    expect(await kinds(['quickfix.sup', 'refactor', 'source', 'source.fixAll', 'source.organizeImports'])).toEqual([])
  })

  test('of many findings at once holds rewrites alone', async () => {
    const text = 'We zap it across.\n\n'.repeat(5)
    const { editor, document } = await opened({ ...project, 'a.md': text }, 'a.md')
    const whole = { range: { start: { line: 0, character: 0 }, end: { line: 10, character: 0 } } }
    const actions = await actionsAt(editor, document, whole)
    expect(actions).toHaveLength(10)
    expect(new Set(actions.map(({ kind }) => kind))).toEqual(new Set(['quickfix']))
  })

  test('is worked out at once for an editor that cannot ask later, but not at each move of its cursor', async () => {
    const { textDocument, ...rest } = modern
    const { codeAction: _, ...less } = textDocument ?? {}
    const capabilities = { ...rest, textDocument: less }
    const { editor, document } = await opened({ ...project, 'a.md': 'We zap it across.\n' }, 'a.md', { capabilities })
    const finding = one(await editor.pull(document))
    const asked = await actionsAt(editor, document, finding, { triggerKind: CodeActionTriggerKind.Invoked })
    expect(asked).toHaveLength(9)
    for (const { edit } of asked) expect(edit).toBeDefined()
    const idle = await actionsAt(editor, document, finding, { triggerKind: CodeActionTriggerKind.Automatic })
    expect(idle).toHaveLength(2)
  })

  // CONVENTIONS.md, Fixing: stale document version refused
  test('does nothing to a document that has changed since it was shown', async () => {
    const { editor, document } = await opened({ ...project, 'a.md': 'We zap it across.\n' }, 'a.md')
    const finding = one(await editor.pull(document))
    const action = titled(await actionsAt(editor, document, finding), /^Not here/)
    await editor.replace(document, 'We', 'Well, we')
    expect((await choose(editor, action)).edit).toBeUndefined()
    const again = await choose(
      editor,
      titled(await actionsAt(editor, document, one(await editor.pull(document))), /^Not here/),
    )
    expect(again.edit?.documentChanges).toMatchObject([{ textDocument: { version: 2 } }])
  })
})

describe('a writer who takes a rewrite', () => {
  const words = {
    '.silolintrc.json': '{}',
    ...rule(
      'words',
      'phrases:\n  - phrases: [utilise]\n    rewrites: [employ]\n  - phrases: [very]\n    rewrites: [""]\n  - phrases: [throw … away]\n    rewrites: [give … back]\n  - phrases: [be on hold]\n    rewrites: [be with Ana]\n  - phrases: [roadblock]\n    rewrites: [obstacle]',
    ),
  }
  test.each([
    // CONVENTIONS.md, Fixing
    ['a deletion leaves no double space', 'A very short wait.', 'very', 'A short wait.'],
    ['nor a blank before a full stop', 'We wait very.', 'very', 'We wait.'],
    ['a capital at the start of a sentence is kept', 'Utilise the room.', 'Utilise', 'Employ the room.'],
    ['the article a or an goes with the next word', 'It was a roadblock.', 'roadblock', 'It was an obstacle.'],
    ['a plural agrees', 'Those refunds are on hold.', 'are on hold', 'Those refunds are with Ana.'],
    ['and so does a singular', 'This refund was on hold.', 'was on hold', 'This refund was with Ana.'],
    ['and the form of the verb', 'Ana threw it away.', 'threw it away', 'Ana gave it back.'],
  ])('%s', async (_, text, marked, expected) => {
    const { editor, document } = await opened({ ...words, 'a.md': `${text}\n` }, 'a.md')
    const finding = one(await editor.pull(document))
    expect(document.getText(finding.range)).toBe(marked)
    const action = titled(await actionsAt(editor, document, finding), /^(?:Rewrite|Remove)/)
    expect(action.isPreferred).toBe(true)
    await make(editor, action.edit)
    expect(document.getText()).toBe(`${expected}\n`)
    // and nothing is left to fix
    expect(await editor.pull(document)).toEqual([])
  })

  // CONVENTIONS.md, Fixing: two overlapping fixes
  test('of one of two that overlap leaves the other as it is then', async () => {
    const longer = rule('longer', 'phrases: [utilise the very room]\nrewrites: [meet in the very room]')
    const { editor, document } = await opened({ ...words, ...longer, 'a.md': 'We utilise the very room.\n' }, 'a.md')
    const all = await editor.pull(document)
    expect(marks(document, all)).toEqual(['longer: utilise the very room', 'words: utilise', 'words: very'])
    const offered = await actionsAt(editor, document, all[0] as Diagnostic)
    await make(editor, titled(offered, 'Rewrite as “meet in the very room”').edit)
    expect(document.getText()).toBe('We meet in the very room.\n')
    const left = one(await editor.pull(document))
    await make(editor, titled(await actionsAt(editor, document, left), /^Remove/).edit)
    expect(document.getText()).toBe('We meet in the room.\n')
  })

  // CONVENTIONS.md, Suppression: unknown id
  test('of a comment that names no rule gets the rule that was meant', async () => {
    const text = '<!-- silolint-disable-next-line lobing -->\n\nWe zap it across.\n'
    const { editor, document } = await opened({ ...project, 'a.md': text }, 'a.md')
    const [unknown] = await editor.pull(document)
    expect(unknown?.code).toBe('silolint/unknown-suppression')
    const actions = await actionsAt(editor, document, unknown as Diagnostic)
    // no comment hides what is said about comments
    expect(actions.some(({ kind }) => kind === 'quickfix.suppress')).toBe(false)
    await make(editor, titled(actions, 'Rewrite as “lobbing”').edit)
    expect(await editor.pull(document)).toEqual([])
  })
})

describe('a writer who hides a finding here', () => {
  const wall = 'We zap the build across to Support.'
  const comment = (kind: string) => `silolint-${kind} lobbing -- [reason]`
  const html = (kind: string) => `<!-- ${comment(kind)} -->`

  // CONVENTIONS.md, Suppression: in lists and tables; Comments: must work in footnotes, lists, tables, headings
  test.each([
    ['a paragraph', 'a.md', `# Hand over\n\n${wall}\n`, `# Hand over\n\n${html('disable-next-line')}\n${wall}\n`],
    [
      'a paragraph with CRLF',
      'a.md',
      `One.\r\n\r\n${wall}\r\n`,
      `One.\r\n\r\n${html('disable-next-line')}\r\n${wall}\r\n`,
    ],
    ['a heading', 'a.md', `## ${wall}\n\nText.\n`, `${html('disable-next-line')}\n## ${wall}\n\nText.\n`],
    [
      'an underlined heading',
      'a.md',
      `${wall}\n===\n\nText.\n`,
      `${html('disable-next-line')}\n${wall}\n===\n\nText.\n`,
    ],
    ['a list item', 'a.md', `- One.\n- ${wall}\n- Two.\n`, `- One.\n- ${wall} ${html('disable-line')}\n- Two.\n`],
    [
      'a nested item with a hard break',
      'a.md',
      `1. One.\n   - ${wall}  \n     Two.\n2. Three.\n`,
      `1. One.\n   - ${wall} ${html('disable-line')}  \n     Two.\n2. Three.\n`,
    ],
    [
      'a paragraph of an item',
      'a.md',
      `1. One.\n\n   ${wall}\n\n2. Two.\n`,
      `1. One.\n\n   ${html('disable-next-line')}\n   ${wall}\n\n2. Two.\n`,
    ],
    [
      'a table cell',
      'a.md',
      `| Step | Who |\n| --- | --- |\n| ${wall} | All |\n| x | y |\n`,
      `| Step | Who |\n| --- | --- |\n| ${wall} ${html('disable-line')} | All |\n| x | y |\n`,
    ],
    [
      'a quotation',
      'a.md',
      `> Ana says:\n>\n> Often ${wall}\n> Then.\n`,
      `> Ana says:\n>\n> ${html('disable-next-line')}\n> Often ${wall}\n> Then.\n`,
    ],
    [
      'a footnote',
      'a.md',
      `Text[^1].\n\n[^1]: ${wall}\n`,
      `Text[^1].\n\n${html('disable-next-line')}\n[^1]: ${wall}\n`,
    ],
    ['an HTML block', 'a.md', `<div>\n<p>${wall}</p>\n</div>\n`, undefined],
    [
      'front matter',
      'a.md',
      `---\ntitle: X\npurpose: ${wall}\n---\n\nText.\n`,
      `---\ntitle: X\n# ${comment('disable-next-line')}\npurpose: ${wall}\n---\n\nText.\n`,
    ],
    ['MDX', 'a.mdx', `# Hand over\n\n${wall}\n`, `# Hand over\n\n{/* ${comment('disable-next-line')} */}\n${wall}\n`],
    ['an item in MDX', 'a.mdx', `- ${wall}\n- Two.\n`, `- ${wall} {/* ${comment('disable-line')} */}\n- Two.\n`],
    ['plain text', 'a.txt', `HAND OVER\n\n${wall}\n`, `HAND OVER\n\n// ${comment('disable-next-line')}\n${wall}\n`],
    [
      'a step of a process document',
      'a.sop',
      `HAND OVER\n\nSTEPS\n\n1. One.\n2. ${wall}\n3. Two.\n`,
      `HAND OVER\n\nSTEPS\n\n1. One.\n// ${comment('disable-next-line')}\n2. ${wall}\n3. Two.\n`,
    ],
  ])('in %s gets a comment that the command line understands', async (_, name, text, expected) => {
    const { folder, editor, document } = await opened({ ...project, [name]: text }, name)
    const found = (await editor.pull(document)).filter(({ code }) => code === 'lobbing')
    const action = await choose(
      editor,
      titled(await actionsAt(editor, document, one(found)), /^Not here: hide lobbing/),
    )
    // the place for the reason is a stop of the snippet
    expect(JSON.stringify(action.edit)).toContain('$' + '{1:[reason]}')
    await make(editor, action.edit)
    if (expected) expect(document.getText()).toBe(expected)
    expect((await editor.pull(document)).filter(({ code }) => /lobbing|silolint/.test(String(code)))).toEqual([])
    expect((await onCommandLine(folder, name)).filter((one) => /lobbing|silolint/.test(one))).toEqual([])
    // with its undoing the text is what it was
    expect(
      document
        .getText()
        .replace(/ *(?:<!--|\{\/\*|\/\/|#) silolint-.*? -- \[reason\](?: -->| \*\/\})?/g, '')
        .replace(/^[ >]*\r?\n(?=[ >]*(?:##|\d|We|Often|\[|purpose|=))/gm, '\n')
        .replace(/\s+/g, ''),
    ).toBe(text.replace(/\s+/g, ''))
  })

  // Biome #5562: one ignore must not hide its neighbour
  test('hides that one and not its neighbour, in the same paragraph and even on the same line', async () => {
    const text = `Often ${wall} Then we zap it across again.\n`
    const { folder, editor, document } = await opened({ ...project, 'a.md': text }, 'a.md')
    const [first] = await editor.pull(document)
    const action = await choose(editor, titled(await actionsAt(editor, document, first as Diagnostic), /^Not here/))
    await make(editor, action.edit)
    expect(document.getText()).toBe(
      `Often We ${html('disable')}zap the build across<!-- silolint-enable lobbing --> to Support. Then we zap it across again.\n`,
    )
    expect(marks(document, await editor.pull(document))).toEqual(['lobbing: zap it across'])
    expect(await onCommandLine(folder, 'a.md')).toEqual(['lobbing warning 1'])
  })

  test('across lines of which each has one hides its own line', async () => {
    const text = 'First we zap it across,\nthen we zap them across.\n'
    const { editor, document } = await opened({ ...project, 'a.md': text }, 'a.md')
    const [, second] = await editor.pull(document)
    await make(
      editor,
      (await choose(editor, titled(await actionsAt(editor, document, second as Diagnostic), /^Not here/))).edit,
    )
    expect(document.getText()).toBe(`First we zap it across,\nthen we zap them across. ${html('disable-line')}\n`)
    expect(marks(document, await editor.pull(document))).toEqual(['lobbing: zap it across'])
  })

  test.each([
    [
      'a.md',
      '# One\n\nWe zap it across.\n\n- We zap the build across.\n- They zap all of it across.\n\n> We zap them across.\n',
    ],
    [
      'a.txt',
      'ONE\n\nWe zap it across.\n\n1. We zap the build across.\n2. They zap all of it across.\n\nWe zap them across.\n',
    ],
  ])('and thinks better of it finds %s as it was, and goes on writing', async (name, text) => {
    const { editor, document } = await opened({ ...project, [name]: text }, name)
    const before = await editor.pull(document)
    expect(before.length).toBeGreaterThan(3)
    for (const finding of before) {
      const offered = await actionsAt(editor, document, finding)
      for (const title of [/^Not here/, /^Not in this document/]) await choose(editor, titled(offered, title))
      const again = await actionsAt(editor, document, finding)
      expect(again).toEqual(offered)
    }
    expect(await editor.pull(document)).toEqual(before)
    await editor.replace(document, 'across.', 'across. Then we zap her across.')
    const other = await Editor.start({ folders: [fileURLToPath(dirname(document.uri))], settings: editor.settings })
    const anew = await other.open(document.uri, document.getText(), document.languageId)
    expect(await editor.pull(document)).toEqual(await other.pull(anew))
  })

  test('in an editor without snippets has the place of the reason as text', async () => {
    const { editor, document } = await opened({ ...project, 'a.md': `${wall}\n` }, 'a.md', { capabilities: older })
    const finding = one(await editor.pushed(document))
    const action = titled(await actionsAt(editor, document, finding), /^Not here/)
    expect(action.edit?.documentChanges).toMatchObject([{ edits: [{ newText: `${html('disable-next-line')}\n` }] }])
  })

  test('in an untitled document too', async () => {
    const editor = await Editor.start()
    const document = await editor.open('untitled:Untitled-1', 'Password resets are not our responsibility.\n')
    const actions = await actionsAt(editor, document, one(await editor.pull(document)))
    const action = await choose(editor, titled(actions, /^Not here/))
    expect(action.edit?.documentChanges).toHaveLength(1)
    expect(actions.some(({ kind }) => kind === 'quickfix.configure')).toBe(false)
  })
})

describe('a writer who hides a rule in the document', () => {
  test.each([
    ['a.md', '# Hand over\n\nWe zap it across.\n', '<!-- X -->\n\n# Hand over\n\nWe zap it across.\n'],
    [
      'b.md',
      '---\ntitle: X\n---\n\n# Hand over\n\nWe zap it across.\n',
      '---\ntitle: X\n---\n<!-- X -->\n\n# Hand over\n\nWe zap it across.\n',
    ],
    ['c.txt', 'HAND OVER\n\nWe zap it across.\n', '// X\n\nHAND OVER\n\nWe zap it across.\n'],
    ['d.mdx', 'We zap it across.\n', '{/* X */}\n\nWe zap it across.\n'],
  ])('%s gets one comment, and the command line finds no more of it', async (name, text, expected) => {
    const all = `${text}\nThey zap it across.\n`
    const { folder, editor, document } = await opened({ ...project, [name]: all }, name)
    const [first] = (await editor.pull(document)).filter(({ code }) => code === 'lobbing')
    const action = titled(await actionsAt(editor, document, first as Diagnostic), /^Not in this document/)
    await make(editor, (await choose(editor, action)).edit)
    expect(document.getText()).toBe(
      `${expected.replace('X -', 'silolint-disable-file lobbing -- [reason] -').replace('X *', 'silolint-disable-file lobbing -- [reason] *').replace('// X', '// silolint-disable-file lobbing -- [reason]')}\nThey zap it across.\n`,
    )
    expect(await editor.pull(document)).toEqual([])
    expect(await onCommandLine(folder, name)).toEqual([])
  })
})

describe('a writer who accepts a finding for now', () => {
  const baseline = (folder: string): Promise<string> => readFile(join(folder, '.silolint/baseline.json'), 'utf8')
  const accept = async (editor: Editor, document: TextDocument, finding: Diagnostic): Promise<void> =>
    make(editor, (await choose(editor, titled(await actionsAt(editor, document, finding), /^Not for now/))).edit)

  test('writes the file that the command line writes, finding by finding', async () => {
    const text = '# Übergabe\n\nWe zap it across.\n\n## Later\n\nThey zap the tickets\nacross.\n'
    const { folder, editor, document } = await opened({ ...project, 'hr/a b.md': text }, 'hr/a b.md')
    const [first, second] = await editor.pull(document)
    await editor.refreshedBy(() =>
      accept(editor, document, second as Diagnostic).then(() => editor.write(join(folder, 'x.md'), '')),
    )
    expect(marks(document, await editor.pull(document))).toEqual(['lobbing: zap it across'])
    expect(await onCommandLine(folder, 'hr/a b.md')).toEqual(['lobbing warning 3'])
    await editor.refreshedBy(() => accept(editor, document, first as Diagnostic))
    expect(await editor.pull(document)).toEqual([])
    expect(await onCommandLine(folder, 'hr/a b.md')).toEqual([])
    const written = await baseline(folder)
    const { code } = await silolint(['baseline', ...others], { cwd: folder })
    expect(code).toBe(0)
    expect(await baseline(folder)).toBe(written)
  })

  // CONVENTIONS.md, Suppression: baseline survives reflow and heading move
  test('and reflows the paragraph and moves its section hears no more of it, and of a copy does', async () => {
    const text = '# One\n\nSo we zap the build across.\n\n# Two\n\nMore.\n'
    const { folder, editor, document } = await opened({ ...project, 'a.md': text }, 'a.md')
    const finding = one(await editor.pull(document))
    await editor.refreshedBy(() => accept(editor, document, finding))
    await editor.change(document, [{ text: '# Two\n\nMore.\n\n# One\n\nSo we zap\nthe build\nacross.\n' }])
    expect(await editor.pull(document)).toEqual([])
    await editor.change(document, [{ text: `${document.getText()}\nSo we zap the build across.\n` }])
    expect(await editor.pull(document)).toHaveLength(1)
    await writeFile(join(folder, 'a.md'), document.getText())
    expect(await onCommandLine(folder, 'a.md')).toHaveLength(1)
  })

  test('adds to the baseline that is there, and not to one that is broken', async () => {
    const known =
      '{\n  "version": 1,\n  "findings": {\n    "z.md": [\n      {"rule":"turf","headings":[],"sentence":"Ours."}\n    ]\n  }\n}\n'
    const files = { ...project, '.silolint/baseline.json': known, 'a.md': 'We zap it across.\n' }
    const { folder, editor, document } = await opened(files, 'a.md')
    const finding = one(await editor.pull(document))
    const action = await choose(editor, titled(await actionsAt(editor, document, finding), /^Not for now/))
    await make(editor, action.edit)
    expect(await baseline(folder)).toBe(
      known.replace(
        '    "z.md"',
        '    "a.md": [\n      {"rule":"lobbing","headings":[],"sentence":"We zap it across."}\n    ],\n    "z.md"',
      ),
    )
    await editor.refreshedBy(() => editor.write(join(folder, '.silolint/baseline.json'), '{ "version": 1,'))
    const again = titled(await actionsAt(editor, document, one(await editor.pull(document))), /^Not for now/)
    expect((await choose(editor, again)).edit).toBeUndefined()
    const refused = await measured(editor, document, finding.range.start, { do: 'accept' })
    expect(refused).toEqual({ refusal: expect.stringContaining('the baseline is not valid JSON') })
  })

  test('has nothing written into a baseline that cannot be read', async () => {
    const { folder, editor, document } = await opened({ ...project, 'a.md': 'We zap it across.\n' }, 'a.md')
    const path = join(folder, '.silolint/baseline.json')
    const known = Buffer.from('\uFEFF{ "version": 1, "findings": {} }\n', 'utf16le')
    await writeFile(path, known)
    const finding = one(await editor.pull(document))
    const refused = await measured(editor, document, finding.range.start, { do: 'accept' })
    expect(refused).toEqual({ refusal: expect.stringContaining('cannot be read') })
  })

  test('of sentences that differ in an emoji has each written whole', async () => {
    const text = 'We 😀 zap it across.\n\nWe 😁 zap it across.\n'
    const { folder, editor, document } = await opened({ ...project, 'a.md': text }, 'a.md')
    for (;;) {
      const finding = (await editor.pull(document)).at(-1)
      if (!finding) break
      const { edit } = await choose(editor, titled(await actionsAt(editor, document, finding), /^Not for now/))
      for (const change of edit?.documentChanges ?? [])
        for (const one of 'edits' in change ? change.edits : []) expect(JSON.stringify(one)).not.toMatch(/\\ud[89a-f]/)
      await editor.refreshedBy(() => make(editor, edit))
    }
    expect(await baseline(folder)).toMatch(/😀.*\n.*😁/)
  })
})

describe('a writer who changes how much a rule weighs', () => {
  const text = 'We zap it across.\n'
  const change = async (editor: Editor, document: TextDocument, title: RegExp): Promise<void> => {
    const [finding] = await editor.pull(document)
    const action = titled(await actionsAt(editor, document, finding as Diagnostic), title)
    const chosen = await choose(editor, action)
    await make(editor, chosen.edit)
  }

  test.each([
    [
      'in YAML, of which nothing else changes',
      { '.silolintrc.yaml': '# Ours\nsector:   health # care\n\nrules:\n    disowning: "off"   # for now\n# end\n' },
      '.silolintrc.yaml',
      '# Ours\nsector:   health # care\n\nrules:\n    disowning: "off"   # for now\n    lobbing: error\n# end\n',
    ],
    [
      'in JSON with comments',
      { '.silolintrc.jsonc': '{\n\t// Ours\n\t"rules": {\n\t\t"disowning": "off", // for now\n\t},\n}\n' },
      '.silolintrc.jsonc',
      '{\n\t// Ours\n\t"rules": {\n\t\t"disowning": "off", // for now\n\t\t"lobbing": "error",\n\t},\n}\n',
    ],
    [
      'in a package.json',
      { 'package.json': '{\n  "name": "x",\n  "silolint": { "rules": { "lobbing": "info" } }\n}\n' },
      'package.json',
      '{\n  "name": "x",\n  "silolint": { "rules": { "lobbing": "error" } }\n}\n',
    ],
    [
      'in a new file where there is none',
      {},
      '.silolintrc.yaml',
      '# Settings of Silolint for this folder and those below it.\n# All that can be set: https://github.com/silolint/silolint#configuration\nrules:\n  lobbing: error\n',
    ],
  ] as Array<[string, Record<string, string>, string, string]>)('%s', async (_, files, name, expected) => {
    const { folder, editor, document } = await opened({ ...lobbing, ...files, 'a.md': text }, 'a.md')
    await change(editor, document, /^In this folder: lobbing is an error/)
    expect(await readFile(join(folder, name), 'utf8')).toBe(expected)
    expect(await onCommandLine(folder, 'a.md')).toEqual(['lobbing error 1'])
  })

  test.each(['off', 'info', 'warning', 'error'] as const)('to %s hears so on the command line', async (level) => {
    const front = 'phrases:\n  - zap … across'
    const before = level === 'warning' ? '{ "rules": { "lobbing": "error" } }' : '{}'
    const files = { ...rule('lobbing', front), '.silolintrc.json': before }
    const { folder, editor, document } = await opened({ ...files, 'hr/a.md': text }, 'hr/a.md', { extension: true })
    const position = one(await editor.pull(document)).range.start
    const measure = { do: 'weigh', level, scope: 'folder' }
    await make(editor, (await measured<{ edit: WorkspaceEdit }>(editor, document, position, measure)).edit)
    expect(await onCommandLine(folder, 'hr/a.md')).toEqual(level === 'off' ? [] : [`lobbing ${level} 1`])
  })

  test('in a folder further down writes an override where the configuration is, and changes it the next time', async () => {
    const files = {
      ...lobbing,
      '.silolintrc.yml': 'rules: { lobbing: warning }\n',
      'a.md': text,
      'hr/[new] (x)/b.md': text,
      'hr/c.md': text,
    }
    const { folder, editor, document } = await opened(files, 'hr/[new] (x)/b.md')
    await editor.refreshedBy(() => change(editor, document, /^In this folder: lobbing is an error/))
    expect(await readFile(join(folder, '.silolintrc.yml'), 'utf8')).toBe(
      'rules: { lobbing: warning }\noverrides:\n  - files: hr/\\[new\\] \\(x\\)/**\n    rules:\n      lobbing: error\n',
    )
    const severities = () =>
      Promise.all(['a.md', 'hr/c.md', 'hr/[new] (x)/b.md'].map((name) => onCommandLine(folder, name)))
    expect(await severities()).toEqual([['lobbing warning 1'], ['lobbing warning 1'], ['lobbing error 1']])
    expect(await editor.pull(document)).toMatchObject([{ severity: 1 }])
    await editor.refreshedBy(() => change(editor, document, /^Not in this folder/))
    expect(await severities()).toEqual([['lobbing warning 1'], ['lobbing warning 1'], []])
    expect((await readFile(join(folder, '.silolintrc.yml'), 'utf8')).match(/files:/g)).toHaveLength(1)
    expect(await editor.pull(document)).toEqual([])
  })

  test('never in the project switches it off in the outermost configuration, and where something nearer says otherwise', async () => {
    const files = {
      ...lobbing,
      '.silolintrc.json': '{\n  "overrides": [{ "files": "hr/**", "rules": { "lobbing": "error" } }]\n}\n',
      'hr/.silolintrc.yaml': 'extends: ./base.yaml\n',
      'hr/base.yaml': 'rules:\n  lobbing: info\n',
      'hr/a.md': text,
      'b.md': text,
    }
    const { folder, editor, document } = await opened(files, 'hr/a.md')
    await editor.refreshedBy(() => change(editor, document, /^Never in this project/))
    expect(await readFile(join(folder, '.silolintrc.json'), 'utf8')).toBe(
      '{\n  "overrides": [{ "files": "hr/**", "rules": { "lobbing": "off" } }],\n  "rules": { "lobbing": "off" }\n}\n',
    )
    expect(await readFile(join(folder, 'hr/.silolintrc.yaml'), 'utf8')).toBe(
      'extends: ./base.yaml\nrules:\n  lobbing: off\n',
    )
    expect(await readFile(join(folder, 'hr/base.yaml'), 'utf8')).toBe(files['hr/base.yaml'])
    for (const name of ['hr/a.md', 'b.md']) expect(await onCommandLine(folder, name)).toEqual([])
    expect(await editor.pull(document)).toEqual([])
  })

  test('in an open configuration makes one edit there and leaves it to its writer to save', async () => {
    const files = { ...lobbing, '.silolintrc.yaml': 'rules: {}\n', 'a.md': text }
    const { folder, editor, document } = await opened(files, 'a.md', { extension: true })
    const finding = one(await editor.pull(document))
    const position = finding.range.start
    const measure = { do: 'weigh', level: 'off', scope: 'folder' }
    const saved = await measured<{ save: string[] }>(editor, document, position, measure)
    expect(saved.save).toEqual([uriIn(folder, '.silolintrc.yaml')])
    const configuration = await editor.open(
      uriIn(folder, '.silolintrc.yaml'),
      '# mine, not saved yet\nrules: {}\n',
      'yaml',
    )
    const { edit, save } = await measured<{ edit: WorkspaceEdit; save: string[] }>(editor, document, position, measure)
    expect(save).toEqual([])
    await make(editor, edit)
    expect(configuration.getText()).toBe('# mine, not saved yet\nrules: { lobbing: off }\n')
  })

  test('has no other override changed where one came in before it that is not saved yet', async () => {
    const override = (files: string, level: string): string =>
      `  - files: ${files}\n    rules:\n      lobbing: ${level}\n`
    const saved = `overrides:\n${override('hr/**', 'info')}`
    const { folder, editor, document } = await opened(
      { ...lobbing, '.silolintrc.yaml': saved, 'hr/a.md': text },
      'hr/a.md',
      { extension: true },
    )
    const finding = one(await editor.pull(document))
    const typed = `overrides:\n${override('it/**', 'error')}${override('hr/**', 'info')}`
    await editor.open(uriIn(folder, '.silolintrc.yaml'), typed, 'yaml')
    const answer = await measured(editor, document, finding.range.start, { do: 'weigh', level: 'off', scope: 'folder' })
    expect(answer).toEqual({ refusal: expect.stringContaining('not saved') })
  })

  test('is told why where it cannot be: code, a broken file, a setting of the editor that wins', async () => {
    const ask = async (files: Record<string, string>, settings: Record<string, string> = {}): Promise<string> => {
      const { editor, document } = await opened({ ...lobbing, ...files, 'a.md': text }, 'a.md', {
        trusted: true,
        settings: { rules: settings },
      })
      const measure = { do: 'weigh', level: 'off', scope: 'project' }
      const position = { line: 0, character: 4 }
      const answer = await measured<{ refusal?: string; edit?: unknown }>(editor, document, position, measure)
      expect(answer.edit).toBeUndefined()
      return answer.refusal ?? ''
    }
    expect(await ask({ 'silolint.config.mjs': 'export default {}\n' })).toBe(
      'silolint.config.mjs is code, so Silolint does not change it. Write the rule there.',
    )
    expect(await ask({ '.silolintrc.yaml': 'rules: [\n' })).toContain(
      '.silolintrc.yaml cannot be changed as it is written',
    )
    for (const [name, odd] of [
      ['.silolintrc.json', '{ "rules": null }\n'],
      ['.silolintrc.json', '{ "rules": { "lobbing": "info", "lobbing": "error" } }\n'],
      ['.silolintrc.yaml', 'rules: ~\n'],
      ['.silolintrc.yaml', 'sector: &all\n  lobbing: info\nrules: *all\n'],
    ] as const)
      expect(await ask({ [name]: odd })).toContain(`${name} cannot be changed as it is written`)
    expect(await ask({}, { lobbing: 'error' })).toContain('The settings of this editor say “error” for lobbing')
  })
})

describe('source.fixAll.silolint', () => {
  const plain = {
    '.silolintrc.json': '{}',
    ...rule(
      'plain',
      'safe: true\nphrases:\n  - phrases: [in order to]\n    rewrites: [to]\n  - phrases: [utilise]\n    rewrites: [use]\n  - phrases: [very]\n    rewrites: [""]',
    ),
    ...rule('longer', 'safe: true\nphrases: [order to utilise]\nrewrites: [order to put to use]'),
    ...rule('choice', 'phrases: [liaise with]\nrewrites: [talk with]'),
  }
  const everything = { range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } } }

  // CONVENTIONS.md, Fixing: two overlapping fixes, deletion leaving a double space, capital at sentence start kept, idempotent
  test('makes what `silolint --fix` makes, in one edit of this version, and nothing the second time', async () => {
    const text =
      '# Rooms\r\n\r\nIn order to help, utilised lists are\r\nvery short. Liaise with Billing.\r\n\r\n- We meet in order to utilise a very nice room.\r\n'
    const { folder, editor, document } = await opened({ ...plain, 'a.md': text }, 'a.md')
    expect(editor.initialized.capabilities.codeActionProvider).toEqual({
      codeActionKinds: [CodeActionKind.QuickFix, 'source.fixAll.silolint'],
      resolveProvider: true,
    })
    for (const only of [['source.fixAll.silolint'], ['source.fixAll'], ['source']]) {
      const action = one(await actionsAt(editor, document, everything, { only }))
      expect(action).toMatchObject({
        kind: 'source.fixAll.silolint',
        edit: { documentChanges: [{ textDocument: { uri: document.uri, version: 1 } }] },
      })
    }
    const action = one(await actionsAt(editor, document, everything, { only: ['source.fixAll'] }))
    await silolint(['a.md', '--fix', ...others], { cwd: folder })
    const fixed = await readFile(join(folder, 'a.md'), 'utf8')
    expect(fixed).toContain('- We meet to use a nice room.\r\n')
    // what is not safe is left to the writer
    expect(fixed).toContain('Liaise with Billing.')
    await make(editor, action.edit)
    expect(document.getText()).toBe(fixed)
    expect(await actionsAt(editor, document, everything, { only: ['source.fixAll'] })).toEqual([])
  })

  test('is never worked out unless it is asked for by name', async () => {
    const { editor, document } = await opened({ ...plain, 'a.md': 'In order to help.\n' }, 'a.md')
    for (const only of [['quickfix'], [''], ['source.organizeImports'], ['source.fixAll.eslint'], []])
      expect(
        (await actionsAt(editor, document, everything, { only })).filter(({ kind }) => kind?.startsWith('source')),
      ).toEqual([])
    expect((await actionsAt(editor, document, everything)).filter(({ kind }) => kind?.startsWith('source'))).toEqual([])
  })

  test('leaves documents alone that are not linted, and rule files', async () => {
    const files = { ...plain, '.silolintrc.json': '{ "ignores": ["old/"] }', 'old/a.md': 'In order to help.\n' }
    const { folder, editor, document } = await opened(files, 'old/a.md')
    expect(await actionsAt(editor, document, everything, { only: ['source.fixAll'] })).toEqual([])
    const file = join(folder, '.silolint/rules/plain.md')
    const own = await editor.open(uriIn(folder, '.silolint/rules/plain.md'), await readFile(file, 'utf8'))
    expect(await actionsAt(editor, own, everything, { only: ['source.fixAll'] })).toEqual([])
  })

  test('makes what the baseline has too, as the command line does', async () => {
    const text = 'In order to help.\n'
    const { folder, editor, document } = await opened({ ...plain, 'a.md': text }, 'a.md')
    await silolint(['baseline', ...others], { cwd: folder })
    await editor.refreshedBy(() => editor.write(join(folder, 'x.md'), ''))
    expect(await editor.pull(document)).toEqual([])
    const action = one(await actionsAt(editor, document, everything, { only: ['source.fixAll'] }))
    await silolint(['a.md', '--fix', ...others], { cwd: folder })
    const fixed = await readFile(join(folder, 'a.md'), 'utf8')
    await make(editor, action.edit)
    expect([document.getText(), fixed]).toEqual(['To help.\n', 'To help.\n'])
  })

  test('takes out comments that hide nothing, as the command line does', async () => {
    const text =
      '<!-- silolint-disable-next-line lobbing -- gone -->\n\nText.\n\nMore. <!-- silolint-disable-line lobbing -->\n'
    const { folder, editor, document } = await opened({ ...project, 'a.md': text }, 'a.md')
    const action = one(await actionsAt(editor, document, everything, { only: ['source.fixAll.silolint'] }))
    await silolint(['a.md', '--fix', ...others], { cwd: folder })
    await make(editor, action.edit)
    expect(document.getText()).toBe(await readFile(join(folder, 'a.md'), 'utf8').catch(() => ''))
    expect(document.getText()).not.toContain('silolint')
  })
})
