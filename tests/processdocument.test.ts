import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type ClientCapabilities,
  DocumentOnTypeFormattingRequest,
  type DocumentSymbol,
  DocumentSymbolRequest,
  type FoldingRange,
  FoldingRangeRequest,
} from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { createOnigScanner, createOnigString, loadWASM } from 'vscode-oniguruma'
import { type IGrammar, INITIAL, parseRawGrammar, Registry } from 'vscode-textmate'
import { documentEndings, formatOf, processEndings } from '../engine/format.ts'
import { lint } from '../engine/index.ts'
import { Editor, modern } from './protocoleditor.ts'

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const lines = (...all: string[]): string => all.join('\n')

describe('the language of process documents', () => {
  test('has the endings that the command line reads as plain text', () => {
    const [language] = json('package.json').contributes.languages
    expect(language.extensions).toEqual(processEndings)
    for (const ending of processEndings) {
      expect(documentEndings).toContain(ending)
      expect(formatOf(`Refunds${ending.toUpperCase()}`)).toBe('text')
    }
    expect(formatOf('refunds.md')).toBe('markdown')
    expect(formatOf(undefined)).toBe('markdown')
  })

  test('has no brackets in colours of their own, of which "a)" would be a faulty one', () => {
    expect(json('language-configuration.json').colorizedBracketPairs).toEqual([])
  })
})

describe('in colour stand', () => {
  const file = 'syntaxes/silolint-process.tmLanguage.json'
  let grammar: IGrammar

  beforeAll(async () => {
    const wasm = createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm')
    await loadWASM(readFileSync(wasm))
    const registry = new Registry({
      onigLib: Promise.resolve({ createOnigScanner, createOnigString }),
      loadGrammar: async () => parseRawGrammar(readFileSync(file, 'utf8'), file),
    })
    grammar = (await registry.loadGrammar('text.silolint-process')) as IGrammar
  })

  /** Each stretch of a text that has a colour of its own, with the innermost of its scopes. */
  const coloured = (text: string): string[] => {
    let stack = INITIAL
    return text.split('\n').flatMap((line) => {
      const { tokens, ruleStack } = grammar.tokenizeLine(line, stack)
      stack = ruleStack
      return tokens.flatMap(({ startIndex, endIndex, scopes }) => {
        const scope = scopes.at(-1)?.replace(/(?:\.markdown)?\.silolint-process$/, '')
        const words = line.slice(startIndex, endIndex).trim()
        return scope && words && scope !== 'text' && scope !== 'markup.table' ? [`${words} · ${scope}`] : []
      })
    })
  }

  test('headings', () => {
    const text = lines(
      'Lending a wheelchair',
      '',
      'PURPOSE AND SCOPE',
      '2.1 Who may borrow one',
      'Responsibilities',
      '3. Procedure',
      '============',
      'Nothing here is a heading.',
      'Nor is that.',
    )
    expect(coloured(text)).toEqual([
      'Lending a wheelchair · markup.heading.1',
      'PURPOSE AND SCOPE · markup.heading.2',
      '2.1 · punctuation.definition.heading',
      'Who may borrow one · markup.heading.3',
      'Responsibilities · markup.heading.2',
      '3. · punctuation.definition.heading',
      'Procedure · markup.heading.2',
      '============ · punctuation.definition.heading',
    ])
  })

  test('the numbers of steps, bullets and boxes to tick', () => {
    const text = lines(
      '1. Ask for a name.',
      '  2.1 Write it down.',
      'b) Read it back.',
      'Step 3: Say thank you.',
      '- [x] Done',
      '• Or not',
      '12 boxes are no step, nor is a hyphen - here.',
    )
    expect(coloured(text)).toEqual([
      '1. · constant.numeric.step',
      '2.1 · constant.numeric.step',
      'b) · constant.numeric.step',
      'Step 3: · constant.numeric.step',
      '- · punctuation.definition.list.begin',
      '[x] · constant.language.checkbox',
      '• · punctuation.definition.list.begin',
    ])
  })

  test('roles, and apart from them those whom the work is for', () => {
    const text = lines(
      'the same day.',
      'Owner: the duty manager of the Regional Quality Team.',
      '1. The shop manager calls the customer; families ring the service desk.',
      'Nobody is managed, and no membership ends.',
    )
    expect(coloured(text)).toEqual([
      'Owner: · keyword.other.label',
      'duty manager · entity.name.type.role',
      'Regional Quality Team · entity.name.type.role',
      '1. · constant.numeric.step',
      'shop manager · entity.name.type.role',
      'customer · entity.name.function.served',
      'families · entity.name.function.served',
      'service desk · entity.name.type.role',
    ])
  })

  test('terms where they are explained, short names of things, and what is to be filled in', () => {
    const text = lines(
      'the same day.',
      '“Working day” means a day on which the library is open.',
      'The Service Level Agreement (“Agreement”) and form FRM-012 name the SLA.',
      'We answer [customer] within [time]. They said “hello” to us.',
    )
    expect(coloured(text)).toEqual([
      'Working day · variable.other.term',
      'Agreement · variable.other.term',
      'FRM-012 · variable.other.term',
      'SLA · variable.other.term',
      '[customer] · variable.parameter.placeholder',
      '[time] · variable.parameter.placeholder',
    ])
  })

  test('the letters of a RACI, and comments', () => {
    const text = lines(
      'the same day.',
      '| Task | Patients | Ward |',
      '|------|----------|------|',
      '| Tell | I | A/R |',
      '// silolint-disable-next-line turf -- a quotation',
      'Seen <!-- not',
      'seen --> again',
    )
    expect(coloured(text).filter((found) => !found.startsWith('|') && !found.includes('separator'))).toEqual([
      'Patients · entity.name.function.served',
      'I · keyword.other.raci',
      'A/R · keyword.other.raci',
      '// silolint-disable-next-line turf -- a quotation · comment.line',
      '<!-- · punctuation.definition.comment',
      'not · comment.block',
      'seen · comment.block',
      '--> · punctuation.definition.comment',
    ])
  })

  test('no line for ever', () => {
    const unkind = [' ', 'a ', 'A ', 'A', '| ', '“a', '(', '1.', '- ', '[a', 'the Team ', '<!-- '].flatMap((part) => [
      `2.1 Foo${part.repeat(3000)}x.`,
      part.repeat(5000),
      `${part.repeat(3000)}|`,
    ])
    for (const line of unkind) coloured(line)
  })

  test('roles and people served that the rules know too', () => {
    const { role, served } = json(file).repository
    const alternatives = ({ match }: { match: string }): string[] =>
      (match.split('(?i:').at(-1)?.split(')(?!')[0] ?? '').split('|')
    const known = [
      'role-holder',
      'function',
      'function-noun',
      'served',
      'customer-noun',
      'desk-noun',
      'office-noun',
      'house-unit',
    ]
      .map((name) => readFileSync(`rules/vocabulary/${name}.md`, 'utf8'))
      .join('\n')
      .replaceAll('-', ' ')
    const unknown = [...alternatives(role), ...alternatives(served)]
      .map((word) =>
        word
          .replace(/s\?|\?/g, '')
          .replace(/ies$/, 'y')
          .replace(/wives$/, 'wife')
          .replace(/^relatives$/, 'relative'),
      )
      .filter((word) => !known.includes(word))
    expect(unknown).toEqual([])
  })
})

describe('a snippet', () => {
  const snippets: Record<string, { prefix: string[]; body: string[] }> = json('snippets/silolint-process.json')
  /** What stands in the document once somebody has stepped through it, with these words or none. */
  const filled = (name: string, words: readonly string[] = []): string =>
    (snippets[name]?.body ?? [])
      .join('\n')
      .replace(/\$\{(\d+)(?::([^}]*)|\|([^,|]*)[^}]*)\}/g, (_, at, text, choice) => words[at - 1] ?? text ?? choice)
      .replace('$0', '')
  const rulesIn = (text: string): Array<string | null | undefined> =>
    lint(text, { format: 'text' }).messages.map(({ ruleId }) => ruleId)

  test('is there for a purpose, a hand-off, a RACI and a change, and says nothing that would be found', () => {
    const prefixes = Object.values(snippets).map(({ prefix }) => prefix[0])
    expect(prefixes).toEqual(['purpose', 'hand-off', 'raci', 'raci-row', 'announcement'])
    for (const name of Object.keys(snippets))
      expect([name, filled(name), rulesIn(filled(name))]).toEqual([name, filled(name), []])
    expect(rulesIn(`RACI\n\n${filled('RACI table')}\n${filled('RACI row')}\n`)).toEqual([])
  })

  test('of a change answers the five losses, each in a paragraph of its own', () => {
    const announcement = filled('Change announcement', [
      ...[
        'One desk for returns',
        '2 March',
        'take all returns at one desk',
        'three desks',
        'guests queued three times',
      ],
      ...['shop assistants', 'your team', 'Ana', 'your break times', 'then', 'Ana', 'the guest rings'],
      ...['you scan the receipt', 'the old desks stay open', 'Ana'],
    ])
    const [title, greeting, what, ...answers] = announcement.split('\n\n')
    expect([announcement, rulesIn(announcement)]).toEqual([announcement, []])
    expect(answers).toHaveLength(5)
    // how it will work the rule also takes from the details of the others
    for (const missing of answers.slice(0, 4)) {
      const rest = [title, greeting, what, ...answers.filter((answer) => answer !== missing)].join('\n\n')
      expect([missing, rulesIn(rest)]).toEqual([missing, ['unanswered-loss']])
    }
  })
})

/** VS Code, as far as process documents are concerned; others cannot be told later. */
const lively: ClientCapabilities = {
  ...modern,
  textDocument: {
    ...modern.textDocument,
    documentSymbol: { dynamicRegistration: true, hierarchicalDocumentSymbolSupport: true },
    foldingRange: { dynamicRegistration: true },
    onTypeFormatting: { dynamicRegistration: true },
  },
}
const plain: ClientCapabilities = {
  ...modern,
  textDocument: { ...modern.textDocument, documentSymbol: {}, foldingRange: {}, onTypeFormatting: {} },
}

const procedure = lines(
  'LENDING A WHEELCHAIR',
  '',
  '<!-- Agreed',
  'in May -->',
  '',
  '1. Purpose',
  '',
  'Patients get home safely.',
  '',
  '2. Procedure',
  '',
  '1. Ask for a name.',
  '   - Spell it.',
  '2. Sign the form with the patient, who takes a copy of it home and may keep the chair for six weeks.',
  '',
  '2.1 At night',
  '',
  '1. Ring the porter.',
  '',
  '3. RACI',
  '',
  '| Task | Patient | Porter |',
  '|------|---------|--------|',
  '| Lend | I       | A/R    |',
  '',
)

describe('an editor gets', () => {
  const uri = 'file:///lending.sop'
  const symbolsOf = async (editor: Editor, of = uri) =>
    (await editor.connection.sendRequest(DocumentSymbolRequest.type, { textDocument: { uri: of } })) as
      | DocumentSymbol[]
      | null
  const registered = (editor: Editor): string[] =>
    [...editor.registrations.values()]
      .map(({ method }) => method)
      .filter((method) => /^textDocument/.test(method))
      .sort()

  test('an outline of headings and steps', async () => {
    const editor = await Editor.start({ capabilities: lively })
    const document = await editor.open(uri, procedure, 'silolint-process')
    const outline = (symbols: DocumentSymbol[], depth = 0): string[] =>
      symbols.flatMap(({ name, range, children }) => [
        `${'  '.repeat(depth)}${name} ${range.start.line}-${range.end.line}`,
        ...outline(children ?? [], depth + 1),
      ])
    const symbols = (await symbolsOf(editor)) ?? []
    expect(outline(symbols)).toEqual([
      'LENDING A WHEELCHAIR 0-0',
      '1. Purpose 5-7',
      '2. Procedure 9-17',
      '  1. Ask for a name. 11-11',
      '  2. Sign the form with the patient, who takes a copy of it home and… 13-13',
      '  2.1 At night 15-17',
      '    1. Ring the porter. 17-17',
      '3. RACI 19-23',
    ])
    expect(document.getText(symbols[0]?.selectionRange)).toBe('LENDING A WHEELCHAIR')
  })

  test('folds for sections, items, tables and comments', async () => {
    const editor = await Editor.start({ capabilities: lively })
    await editor.open(uri, procedure, 'silolint-process')
    const ranges: FoldingRange[] =
      (await editor.connection.sendRequest(FoldingRangeRequest.type, { textDocument: { uri } })) ?? []
    expect(ranges.map(({ startLine, endLine, kind }) => [startLine, endLine, kind])).toEqual([
      [5, 7, undefined],
      [9, 17, undefined],
      [15, 17, undefined],
      [19, 23, undefined],
      [11, 12, undefined],
      [21, 23, undefined],
      [2, 3, 'comment'],
    ])
  })

  test('neither for Markdown, of which it has its own, nor before there is a process document', async () => {
    const editor = await Editor.start({ capabilities: lively })
    await editor.open('file:///a.md', '# One\n\n1. Two\n')
    expect(await symbolsOf(editor, 'file:///a.md')).toBeNull()
    expect(registered(editor)).toEqual([])
    await editor.open(uri, procedure, 'silolint-process')
    await editor.until(() => registered(editor).length === 3)
    const selectors = [...editor.registrations.values()].flatMap(
      ({ registerOptions }) => registerOptions?.documentSelector ?? [],
    )
    expect(selectors).toEqual(Array(3).fill({ language: 'silolint-process' }))
    expect(editor.initialized.capabilities.documentSymbolProvider).toBeUndefined()
  })

  test('the same at once where it cannot be told later and knows no language of that name', async () => {
    const editor = await Editor.start({ capabilities: plain })
    expect(editor.initialized.capabilities).toMatchObject({
      documentSymbolProvider: true,
      foldingRangeProvider: true,
      documentOnTypeFormattingProvider: { firstTriggerCharacter: '\n' },
    })
    await editor.open(uri, procedure, 'text')
    expect(await symbolsOf(editor)).toHaveLength(4)
    expect(registered(editor)).toEqual([])
  })
})

describe('Enter in a list of steps', () => {
  /** Presses Enter at the bar: the editor breaks the line and gives it a number, if it can, before the server is asked. */
  const enter = async (text: string, given = ''): Promise<string> => {
    const editor = await Editor.start({ capabilities: lively })
    const uri = 'untitled:Untitled-1'
    const offset = text.indexOf('‸')
    const document = await editor.open(uri, text.replace('‸', `\n${given}`), 'silolint-process')
    const edits = await editor.connection.sendRequest(DocumentOnTypeFormattingRequest.type, {
      textDocument: { uri },
      position: document.positionAt(offset + 1 + given.length),
      ch: '\n',
      options: { tabSize: 2, insertSpaces: true },
    })
    return TextDocument.applyEdits(document, edits ?? [])
  }

  test.each([
    ['goes on with the next number', '31. Ring.‸', '31. Ring.\n32. '],
    ['keeps indent and form', '  Step 3: Ring.‸\nEnd', '  Step 3: Ring.\n  Step 4: \nEnd'],
    ['counts within a section', '2.9 Ring the porter.‸', '2.9 Ring the porter.\n2.10 '],
    ['goes on with the next letter', 'b) Ring.‸', 'b) Ring.\nc) '],
    ['parts a step in two', '1. Ring and ‸ask.\n2. Go.', '1. Ring and \n2. ask.\n3. Go.'],
    ['leaves a heading alone', '2.1 Scope‸', '2.1 Scope\n'],
    ['leaves prose alone', '12 boxes stand here.‸\n13. Ring.', '12 boxes stand here.\n\n13. Ring.'],
    ['leaves Roman numbers alone', 'i. Ring.‸', 'i. Ring.\n'],
    ['ends the list at an empty step', '1. Ring.\n2. ‸', '1. Ring.\n'],
    ['ends the list at an empty bullet', '- Ring.\n- ‸', '- Ring.\n'],
  ])('%s', async (_, before, after) => {
    expect(await enter(before)).toBe(after)
  })

  test.each([
    [
      'lets the steps below go up',
      '1. A.‸\n2. B.\n   - b\n\n   more\n3. C.\n5. E.',
      '1. A.\n2. \n3. B.\n   - b\n\n   more\n4. C.\n5. E.',
    ],
    ['stops at the next list', '1. A.‸\n2. B.\nNow\n3. C.', '1. A.\n2. \n3. B.\nNow\n3. C.'],
    ['leaves alone what does not go on from there', '1. A.‸\n7. B.', '1. A.\n2. \n7. B.'],
  ])('%s, where the editor has numbered the new one', async (_, before, after) => {
    expect(await enter(before, '2. ')).toBe(after)
  })
})
