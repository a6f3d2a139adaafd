import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  type CodeLens,
  CodeLensRequest,
  CodeLensResolveRequest,
  type CompletionItem,
  type Location,
} from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { folderWith, silolint } from './command.ts'
import { Editor, older, one, uriIn } from './protocoleditor.ts'

/** A team's rule with a vocabulary and a guard of its own. */
const depots = `---
severity: warning
message: "“$match” sends the reader from $depot to nowhere."
phrases:
  - ferry/cart … to $depot
unless: [says-why]
rewrites:
  - keep … until [customer] has [outcome]
---

# Depots

Whatever is carted off comes back.

\`\`\`diff
- We ferry the forms to the north depot.
+ We keep the forms until [customer] has [outcome].
  We ferry the forms to the north depot, because the roof leaks.
  The north depot is green.
\`\`\`
`
const guard = `---
where: sentence
phrases:
  - because
---

# Says why

The reader is told the reason.

\`\`\`diff
  We ferry the forms to the north depot, because the roof leaks.
- We ferry the forms to the north depot.
\`\`\`
`
const vocabulary = '# Depots\n\nWhere things are kept.\n\n- the? north/south depot\n- the? yard\n'

const rules = '.silolint/rules'
const depotsFile = `${rules}/carting.md`
const guardFile = `${rules}/guard/says-why.md`
const vocabularyFile = `${rules}/vocabulary/depot.md`

/** A team's folder with its rules and two documents. */
const team = (files: Record<string, string> = {}): Promise<string> =>
  folderWith(
    {
      '.silolintrc.json': '{}',
      [depotsFile]: depots,
      [guardFile]: guard,
      [vocabularyFile]: vocabulary,
      'moving.md': 'We ferry the forms to the yard.\n\nThey cart chairs to the south depot. We stay.\n',
      'quiet.md': 'We ferry the forms to the yard, because it is dry.\n',
      ...files,
    },
    'silolint rule editing ',
  )

/** An editor with a file of the team's open. */
async function editing(
  name: string,
  text: string,
  files: Record<string, string> = {},
): Promise<{ editor: Editor; document: TextDocument; folder: string }> {
  const folder = await team({ [name]: text, ...files })
  const editor = await Editor.start({ folders: [folder] })
  return { editor, folder, document: await editor.open(uriIn(folder, name), text) }
}

/** What is wrong with the file: the line from 1, the text that is underlined, and what is said of it. */
async function faults(
  editor: Editor,
  document: TextDocument,
): Promise<Array<[line: number, marked: string, said: string]>> {
  return (await editor.pull(document)).map(({ range, message }) => [
    range.start.line + 1,
    document.getText(range).trim(),
    String(message),
  ])
}

const offered = (editor: Editor, document: TextDocument, text: string): Promise<CompletionItem[]> =>
  editor.completions(document, text)
const labels = (items: CompletionItem[]): string[] => items.map(({ label }) => label)

const explained = (editor: Editor, document: TextDocument, text: string): Promise<[marked: string, said: string]> =>
  editor.explained(document, text)

async function lenses(editor: Editor, document: TextDocument): Promise<CodeLens[]> {
  const found = await editor.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri: document.uri } })
  return Promise.all(
    (found ?? []).map((lens) =>
      lens.command ? lens : editor.connection.sendRequest(CodeLensResolveRequest.type, lens),
    ),
  )
}

describe('a policy owner who writes a rule', () => {
  test('sees nothing where all is well', async () => {
    const { editor, document, folder } = await editing(depotsFile, depots)
    expect(await faults(editor, document)).toEqual([])
    expect(await faults(editor, await editor.open(uriIn(folder, guardFile), guard))).toEqual([])
    expect(await faults(editor, await editor.open(uriIn(folder, vocabularyFile), vocabulary))).toEqual([])
  })

  test('is told of a key, a value, a guard and a vocabulary that do not exist, before the file is saved', async () => {
    const { editor, document } = await editing(depotsFile, depots)
    await editor.replace(document, 'severity: warning', 'severity: grave')
    expect(await faults(editor, document)).toEqual([[2, 'grave', expect.stringContaining('error, warning or info')]])
    await editor.replace(document, 'severity: grave', 'severity: info')
    await editor.replace(document, 'rewrites:', 'rewrite:')
    expect(await faults(editor, document)).toEqual([
      [7, 'rewrite', expect.stringContaining('Did you mean "rewrites"?')],
    ])
    await editor.replace(document, 'rewrite:', 'rewrites:')
    await editor.replace(document, '[says-why]', '[says-wy]')
    expect(await faults(editor, document)).toEqual([[6, 'says-wy', expect.stringContaining('"says-why"')]])
    await editor.replace(document, '[says-wy]', '[says-why]')
    await editor.replace(document, 'to $depot\n', 'to $depto\n')
    expect(await faults(editor, document)).toContainEqual([5, '$depto', expect.stringContaining('"$depot"')])
    await editor.replace(document, 'to $depto\n', 'to $depot\n')
    await editor.replace(document, 'cart …', 'cart+ing+ed …')
    expect((await faults(editor, document)).map(([line]) => line)).toEqual([5])
    await editor.replace(document, 'cart+ing+ed …', 'cart+past …')
    expect(await faults(editor, document)).toEqual([[5, '+past', expect.stringContaining('+ed, +ing, +s or +base')]])
    await editor.replace(document, 'cart+past …', 'cart …')
    expect(await faults(editor, document)).toEqual([])
  })

  test('sees each example that fails on its line, with what to do', async () => {
    const { editor, document } = await editing(depotsFile, depots)
    await editor.replace(
      document,
      '- We ferry the forms to the north depot.',
      '- We sail the forms to the north depot.',
    )
    const failing = await faults(editor, document)
    expect(failing).toContainEqual([
      16,
      'We sail the forms to the north depot.',
      expect.stringContaining('This should be found, and is not'),
    ])
    // and so the phrase has none
    expect(failing).toContainEqual([5, 'ferry/cart … to $depot', expect.stringContaining('No example is found')])
    await editor.replace(document, '- We sail the forms', '- We ferry the forms')
    await editor.replace(document, '+ We keep the forms', '+ We hold the forms')
    expect(await faults(editor, document)).toEqual([
      [
        17,
        'We hold the forms until [customer] has [outcome].',
        expect.stringContaining('We keep the forms until [customer] has [outcome].'),
      ],
    ])
    await editor.replace(document, '+ We hold the forms', '+ We keep the forms')
    await editor.replace(document, '  The north depot is green.', '  They cart green paint to the yard.')
    expect(await faults(editor, document)).toEqual([
      [
        19,
        'They cart green paint to the yard.',
        expect.stringContaining('“cart green paint to the yard” is found here'),
      ],
    ])
    // a guard that clears what should be found is named
    await editor.replace(document, '  They cart green paint', '- They cart paint')
    await editor.replace(document, 'paint to the yard.', 'paint to the yard because it rains.')
    expect(await faults(editor, document)).toEqual([[19, expect.any(String), expect.stringContaining('says-why')]])
  })

  test('is told that a rewrite is found by another rule', async () => {
    const { editor, document } = await editing(depotsFile, depots)
    await editor.replace(document, '  - keep … until [customer] has [outcome]', '  - throw … over the wall to Support')
    await editor.replace(
      document,
      '+ We keep the forms until [customer] has [outcome].',
      '+ We throw the forms over the wall to Support.',
    )
    expect(await faults(editor, document)).toEqual([
      [8, 'throw … over the wall to Support', expect.stringContaining('is found itself, by over-the-wall')],
    ])
  })

  test('is told all that the command tells which tests rules', async () => {
    const { editor, document, folder } = await editing(depotsFile, depots)
    const flawed = depots
      .replace(
        '  - ferry/cart … to $depot',
        '$&\n  - jettisons … to $depot\n  - ferry the rest\n  - not our job\n  - weigh … by a? criterion\n  - weigh it',
      )
      .replace(
        '```\n',
        '- She jettisons the forms to the yard.\n- Carting is not our job.\n- We weigh forms by a criterion.\n```\n',
      )
    await editor.change(document, [{ text: flawed }])
    const told = await faults(editor, document)
    for (const [line, marked, said] of [
      [6, 'jettisons … to $depot', '“jettisons” is found and “jettisoned” is not'],
      [7, 'ferry the rest', 'No example is found by “ferry the rest”'],
      [9, 'weigh … by a? criterion', '“criterion” is found and “criteria” is not'],
      [26, 'Carting is not our job.', 'The rule disowning finds'],
    ])
      expect(told).toContainEqual([line, marked, expect.stringContaining(String(said))])
    await editor.write(join(folder, depotsFile), flawed)
    const { stdout } = await silolint(['rule', 'test', depotsFile, '--format', 'json'], { cwd: folder })
    const [{ findings }] = JSON.parse(stdout) as [{ findings: Array<{ start: { line: number }; message: string }> }]
    expect(told.map(([line, , said]) => [line, said])).toEqual(
      findings.map(({ start, message }) => [start.line, message]),
    )
    // and again once the rules have been read anew
    expect(await faults(editor, document)).toEqual(told)
  })

  test('sees what is left of it while the next tests run, and nothing of what was mended', async () => {
    const { editor, document } = await editing(depotsFile, depots)
    await editor.replace(document, '- We ferry', '- We sail')
    expect(await faults(editor, document)).toHaveLength(3)
    // many changes in a row, of which only the last is worth a test
    for (const word of ['row', 'carry', 'lug', 'ferry']) {
      await editor.replace(document, document.getText().match(/^- We \w+/m)?.[0] ?? '', `- We ${word}`)
      void editor.pull(document).catch(() => {})
    }
    expect(await faults(editor, document)).toEqual([])
  })

  test('sees what a guard or a vocabulary does not do', async () => {
    const { editor, document } = await editing(guardFile, guard)
    await editor.replace(document, '  - because', '  - since')
    expect(await faults(editor, document)).toEqual([
      [12, expect.any(String), expect.stringContaining('the guard does not clear it')],
    ])
    await editor.replace(document, '  - since', '  - because/we')
    expect(await faults(editor, document)).toEqual([
      [13, expect.any(String), expect.stringContaining('should still be found')],
    ])
    await editor.replace(document, 'where: sentence', 'where: sentense')
    expect(await faults(editor, document)).toEqual([[2, 'sentense', expect.any(String)]])
    const words = await editing(vocabularyFile, vocabulary)
    await words.editor.replace(words.document, '- the? yard', '- the? yard of $functoin')
    expect(await faults(words.editor, words.document)).toEqual([
      [6, '$functoin', expect.stringContaining('"$function"')],
    ])
  })

  test('has the same in an editor that cannot pull, and the saved file’s faults again once it is closed', async () => {
    const broken = depots.replace('severity: warning', 'severity: grave')
    const folder = await team({ [depotsFile]: broken })
    const editor = await Editor.start({ capabilities: older, folders: [folder] })
    const document = await editor.open(uriIn(folder, depotsFile), broken)
    expect(await editor.pushed(document)).toMatchObject([{ range: { start: { line: 1 } } }])
    await editor.replace(document, 'grave', 'error')
    expect(await editor.pushed(document)).toEqual([])
    const other = await editor.open(uriIn(folder, 'moving.md'), 'Nothing.\n')
    await editor.pushed(other)
    await editor.closeDocument(document)
    await editor.until(() => editor.published.findLast(({ uri }) => uri === document.uri)?.diagnostics.length === 1)
  })

  test('comes back to a rule after all were closed', async () => {
    const { editor, document, folder } = await editing(depotsFile, depots.replace('- We ferry', '- We sail'))
    const before = await faults(editor, document)
    expect(before).toHaveLength(3)
    await editor.closeDocument(document)
    expect(await faults(editor, await editor.open(uriIn(folder, depotsFile), document.getText()))).toEqual(before)
  })

  test('is not disturbed while one rule waits for another to be saved', async () => {
    const { editor, document, folder } = await editing(depotsFile, depots)
    await editor.replace(document, '- ferry/cart', '- ferry/cart/$haul')
    expect((await faults(editor, document)).map(([, marked]) => marked)).toContain('$haul')
    await editor.refreshedBy(async () => {
      await editor.write(join(folder, rules, 'vocabulary/haul.md'), '# Haul\n\n- lug\n')
    })
    expect(await faults(editor, document)).toEqual([])
  })
})

describe('whoever writes is offered', () => {
  const draft = `---
severity: 
message: x $
phrases:
  - hand it to $
  - send+
  - name: two
    phrases:
      - pass $fu
    unl
unless:
  - says
needs: [wa]
despite: 
in: pur
s
---
`
  test('keys, values, vocabularies, guards and forms, where each can stand', async () => {
    const { editor, document } = await editing(depotsFile, draft)
    const at = async (text: string): Promise<string[]> => labels(await offered(editor, document, text))
    expect(await at('severity: ')).toEqual(['error', 'warning', 'info'])
    expect(await at('message: x $')).toEqual(expect.arrayContaining(['$match', '$fu']))
    expect(await at('hand it to $')).toEqual(expect.arrayContaining(['$depot', '$function', '$served', '$name']))
    expect(await at('send+')).toEqual(['+ed', '+ing', '+s', '+base'])
    expect(await at('pass $fu')).toContain('$function')
    const group = await at('    unl')
    expect(group).toContain('unless')
    expect(group).toContain('rewrites')
    expect(group).not.toContain('unit')
    expect(group).not.toContain('phrases')
    expect(await at('  - says')).toEqual(expect.arrayContaining(['says-why', 'way-forward', 'mention']))
    expect(await at('needs: [wa')).toContain('way-forward')
    const despite = await at('despite: ')
    expect(despite).toContain('mention')
    expect(despite).not.toContain('says-why')
    expect(await at('in: pur')).toContain('purpose')
    const keys = await at('in: pur\ns')
    expect(keys).toEqual(expect.arrayContaining(['rewrites', 'unit', 'safe']))
    expect(keys).not.toContain('severity')
  })

  test('what fits in when it is taken', async () => {
    const { editor, document } = await editing(depotsFile, draft)
    const take = async (text: string, label: string): Promise<string> => {
      const item = (await offered(editor, document, text)).find((item) => item.label === label)
      const { textEdit } = item ?? {}
      if (!textEdit || !('range' in textEdit)) throw new Error(`${label} is not offered`)
      return TextDocument.applyEdits(document, [textEdit])
    }
    expect(await take('pass $fu', '$function')).toContain('      - pass $function\n')
    expect(await take('send+', '+ed')).toContain('  - send+ed\n')
    expect(await take('needs: [wa', 'way-forward')).toContain('needs: [way-forward]\n')
    expect(await take('    unl', 'unless')).toContain('    unless: \nunless:\n')
  })

  test('rules of which the page may speak', async () => {
    const text = depots.replace('comes back.', 'comes back. See `ove and `turf`, ca.')
    const { editor, document } = await editing(depotsFile, text)
    expect(labels(await offered(editor, document, '`ove'))).toEqual(
      expect.arrayContaining(['carting', 'over-the-wall']),
    )
    expect(await offered(editor, document, 'comes back. See')).toEqual([])
  })

  test('the keys of a guard, the vocabularies in a list of words, and rules in a comment', async () => {
    const { editor, document, folder } = await editing(guardFile, '---\nwhere: [se]\nph\n---\n')
    expect(labels(await offered(editor, document, '[se'))).toContain('sentence')
    expect(labels(await offered(editor, document, '\nph'))).toEqual([
      'phrases',
      'in',
      'replaces',
      'quoted',
      'always',
      'weakens',
    ])
    const list = await editor.open(uriIn(folder, vocabularyFile), '# Depots\n\n- yard of $\n')
    expect(labels(await offered(editor, list, 'yard of $'))).toContain('$function')
    const text = await editor.open(
      uriIn(folder, 'moving.md'),
      '<!-- silolint-disable-next-line ca -->\n\nWe cart it.\n',
    )
    const ids = labels(await offered(editor, text, 'line ca'))
    expect(ids).toEqual(expect.arrayContaining(['carting', 'over-the-wall']))
    expect(labels(await offered(editor, text, 'We ca'))).toEqual([])
  })
})

describe('whoever reads a rule', () => {
  test('has a phrase, a guard and a key explained in plain words', async () => {
    const { editor, document } = await editing(
      depotsFile,
      depots.replace(
        'ferry/cart … to $depot',
        'throw/toss … over the (wall/fence) to $depot\n  - ^ "needs" (a/an)? send+ed form !back , IT\n  - name: more\n    phrases: (wash our hands / look away) of $word .',
      ),
    )
    expect(await explained(editor, document, 'throw/toss')).toEqual([
      'throw/toss … over the (wall/fence) to $depot',
      'Finds “throw” or “toss” in any form, then up to eight words, then “over the”, then “wall” or “fence” in any form, then “to”, then any of $depot (Depots).',
    ])
    expect((await explained(editor, document, '$depot\n  - ^'))[1]).toContain(
      '**Depots** (`$depot`): `the? north/south depot`, `the? yard`',
    )
    expect((await explained(editor, document, '"needs"'))[1]).toBe(
      'Finds at the start of a clause: “needs” exactly so, then perhaps “a” or “an”, then “sent”, then “form” in any form, but not before “back”, then a comma, then “IT” in capitals.',
    )
    expect((await explained(editor, document, '(wash'))[1]).toBe(
      'Finds “wash our hands” in any form or “look away” in any form, then “of”, then any one word, then the end of the clause.',
    )
    const [marked, said] = await explained(editor, document, 'says-why')
    expect(marked).toBe('says-why')
    expect(said).toBe('**Says why** (guard): clears a finding where `because` stands elsewhere in the sentence.')
    expect((await explained(editor, document, 'unless:'))[1]).toContain('Nothing is found where')
    // an example is no phrase
    expect(await explained(editor, document, '- We ferry')).toEqual(['', ''])
  })

  test('reads how often it finds something here, and gets the places', async () => {
    const { editor, document, folder } = await editing(depotsFile, depots)
    const lens = one(await lenses(editor, document))
    expect(lens.command).toMatchObject({ title: '2 findings in this workspace', command: 'silolint.showFindings' })
    const [uri, , places] = (lens.command?.arguments ?? []) as [string, unknown, Location[]]
    expect(uri).toBe(document.uri)
    const text = TextDocument.create(
      '',
      '',
      0,
      'We ferry the forms to the yard.\n\nThey cart chairs to the south depot. We stay.\n',
    )
    expect(places.map(({ uri, range }) => [uri, text.getText(range)])).toEqual([
      [uriIn(folder, 'moving.md'), 'ferry the forms to the yard'],
      [uriIn(folder, 'moving.md'), 'cart chairs to the south depot'],
    ])
    // the rule as it is being written counts, and documents as they are open
    await editor.replace(document, '- ferry/cart', '- cart')
    expect(one(await lenses(editor, document)).command?.title).toBe('1 finding in this workspace')
    // another wording of the examples changes nothing of what is found
    await editor.replace(document, '  The north depot is green.', '  The north depot is blue.')
    await writeFile(join(folder, 'moving.md'), 'They cart chairs to the yard.\n\nThey cart tables to the yard.\n')
    expect(one(await lenses(editor, document)).command?.title).toBe('2 findings in this workspace')
    await editor.open(uriIn(folder, 'moving.md'), 'We stay.\n')
    expect(one(await lenses(editor, document)).command).toEqual({ title: 'no findings in this workspace', command: '' })
  })

  test('is told that it stands in place of a rule that comes with Silolint', async () => {
    const { editor, document } = await editing(`${rules}/disowning.md`, depots)
    expect((await lenses(editor, document)).map(({ command }) => command?.title)).toEqual([
      '2 findings in this workspace',
      'in place of another rule of this name',
    ])
  })

  test('sees no findings counted where they are not reported', async () => {
    const { editor, document, folder } = await editing(depotsFile, depots, {
      '.silolintrc.json': JSON.stringify({ overrides: [{ files: 'old/**', rules: { carting: 'off' } }] }),
      '.silolintignore': 'drafts/\n',
      'old/a.md': 'We ferry the forms to the yard.\n',
      'drafts/a.md': 'We ferry the forms to the yard.\n',
      'other/.silolint/rules/x.md': depots.replace('ferry/cart', 'drag'),
      'other/a.md': 'We ferry the forms to the yard.\n',
    })
    expect(one(await lenses(editor, document)).command?.title).toBe('2 findings in this workspace')
    await writeFile(join(folder, 'new.txt'), 'They cart chairs to the south depot.\n')
    expect(one(await lenses(editor, document)).command?.title).toBe('3 findings in this workspace')
  })
})

test('rule files count wherever they are in force: in a folder that the configuration names, and in a pack', async () => {
  const folder = await folderWith(
    {
      '.silolintrc.json': JSON.stringify({ ruleFolders: ['house'] }),
      'house/carting.md': depots,
      'house/guard/says-why.md': guard,
      'house/vocabulary/depot.md': vocabulary,
      'pack/package.json': JSON.stringify({
        name: '@acme/silolint-rules',
        peerDependencies: { silolint: '*' },
      }),
      'pack/rules/carting.md': depots,
      'pack/rules/guard/says-why.md': guard,
      'pack/rules/vocabulary/depot.md': vocabulary,
      'rules/carting.md': depots,
      'moving.md': 'We ferry the forms to the yard.\n',
    },
    'silolint rule editing ',
  )
  const editor = await Editor.start({ folders: [folder] })
  for (const place of ['house', 'pack/rules']) {
    const document = await editor.open(uriIn(folder, `${place}/carting.md`), depots)
    expect(await faults(editor, document)).toEqual([])
    await editor.replace(document, '$depot\n', '$depto\n')
    expect(await faults(editor, document)).toContainEqual([5, '$depto', expect.stringContaining('"$depot"')])
    await editor.replace(document, '$depto\n', '$depot\n')
    // of a pack, which is in force where it is installed, what it would find here
    expect((await lenses(editor, document)).map(({ command }) => command?.title)).toEqual([
      '1 finding in this workspace',
    ])
  }
  // a folder that has the name by chance
  expect(
    await faults(editor, await editor.open(uriIn(folder, 'rules/carting.md'), depots.replace('warning', 'grave'))),
  ).toEqual([])
})

test('a rule of Silolint itself is checked in its sources', { timeout: 60_000 }, async () => {
  const folder = join(import.meta.dirname, '..')
  const editor = await Editor.start({ folders: [folder] })
  const text = depots.replace('- ferry/cart … to $depot', '- ferry/cart … to $depto')
  const document = await editor.open(uriIn(folder, 'rules/carting.md'), text)
  expect((await faults(editor, document)).map(([line, marked]) => [line, marked])).toContainEqual([5, '$depto'])
})

test('whoever writes elsewhere gets answers while a guard of all rules is tested', { timeout: 60_000 }, async () => {
  const folder = join(import.meta.dirname, '..')
  const editor = await Editor.start({ folders: [folder] })
  const other = await editor.open(uriIn(folder, 'not-saved.md'), 'Printing is not our job.\n')
  await editor.pull(other)
  const place = 'rules/guard/mention.md'
  const text = (await readFile(join(folder, place), 'utf8')).replace('  - resist\n', '  - withstand\n')
  const document = await editor.open(uriIn(folder, place), text)
  const answered: string[] = []
  const tested = editor.pull(document).then((said) => {
    answered.push('the guard')
    return said
  })
  expect((await editor.explained(other, 'is not our job'))[0]).toBe('is not our job')
  answered.push('the writer')
  expect(await tested).toEqual([])
  expect(answered).toEqual(['the writer', 'the guard'])
})
