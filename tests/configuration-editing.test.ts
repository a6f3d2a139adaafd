import { describe, expect, test } from 'vitest'
import type { CompletionItem } from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { folderWith } from './command.ts'
import { Editor, uriIn } from './protocoleditor.ts'

const carting = `---
severity: info
message: "“$match” goes nowhere."
phrases:
  - name: by ferry
    phrases:
      - ferry it off
  - name: by cart
    phrases:
      - cart it off
---

# Carting

Whatever is carted off comes back.

\`\`\`diff
- We ferry it off to <Depot>.
- We cart it off.
  We keep it.
\`\`\`
`
const pack = {
  'node_modules/@acme/silolint-rules/package.json': '{"name":"@acme/silolint-rules"}',
  'node_modules/@acme/silolint-rules/rules/parcels.md': carting.replace('# Carting', '# Parcels'),
}

/** An editor with a configuration file open in which somebody is writing; what was saved is another matter. */
async function configuring(
  name: string,
  text: string,
  schemas?: string[],
): Promise<{ editor: Editor; document: TextDocument }> {
  const saved = name.includes('json') ? '{"extends":"@acme/silolint-rules"}' : 'extends: "@acme/silolint-rules"\n'
  const folder = await folderWith({ '.git/HEAD': '', [name]: saved, '.silolint/rules/carting.md': carting, ...pack })
  const editor = await Editor.start({ folders: [folder], ...(schemas && { schemas }) })
  const language = name.includes('json') ? 'jsonc' : 'yaml'
  return { editor, document: await editor.open(uriIn(folder, name), text, language) }
}
const labels = (items: CompletionItem[]): string[] => items.map(({ label }) => label)

/** The file after the item of this name is taken. */
async function taken(editor: Editor, document: TextDocument, text: string, label: string): Promise<string> {
  const { textEdit } = (await editor.completions(document, text)).find((item) => item.label === label) ?? {}
  if (!textEdit || !('range' in textEdit)) throw new Error(`${label} is not offered`)
  return TextDocument.applyEdits(document, [textEdit])
}

test('nothing that a rule says of itself becomes a link where an editor runs the commands of links', async () => {
  const link = '[more](command:silolint.neverInProject?%5B%5D)'
  const folder = await folderWith({
    '.silolintrc.yaml': 'rules:\n  carting: off\n',
    '.silolint/rules/carting.md': carting
      .replace('# Carting', `# ${link}`)
      .replace('Whatever is carted off', `Whatever is *carted* off ${link}`),
  })
  const editor = await Editor.start({ folders: [folder] })
  const document = await editor.open(uriIn(folder, '.silolintrc.yaml'), 'rules:\n  carting: off\n', 'yaml')
  const [, said] = await editor.explained(document, 'carting')
  expect(said).toContain('more')
  expect(said).not.toMatch(/(?<!\\)\]\(command:/)
})

describe('whoever writes a configuration', () => {
  const yaml = `extends: "@acme/silolint-rules"
# the rest
rules:
  over-the-wall: 
  turf: off
vocabularies:
  served: [widget owners]
sector: [housing, ]
plugins:
  retext-equality: [info, {}]
overrides:
  - files: legal/**
  - files: old/**
    rules: { turf: off, }
`
  test('is offered keys, ids, severities and names in YAML', async () => {
    const { editor, document } = await configuring('.silolintrc.yaml', yaml)
    /** What is offered once a text has been typed behind another. */
    const typed = async (behind: string, text: string, label?: string): Promise<string> => {
      const end = behind.endsWith('\n') ? '\n' : ''
      await editor.replace(document, behind, behind + text + end)
      const all = labels(await editor.completions(document, behind + text)).join(' ')
      const after = label ? await taken(editor, document, behind + text, label) : ''
      await editor.replace(document, behind + text + end, behind)
      return label ? after : all
    }
    const keys = await typed('# the rest\n', 'roo')
    expect(keys).toMatch(/\broot\b.*\bruleFolders\b.*\bignores\b/)
    expect(keys).not.toMatch(/\brules\b/)
    expect(await typed('over-the-wall: ', '')).toBe('off info warning error')
    const ids = await typed('  turf: off\n', '  ca')
    expect(ids).toMatch(/acme\/parcels .*carting .*disowning .*silolint\/unused-suppression/)
    expect(ids).not.toContain('over-the-wall')
    expect(await typed('  turf: off\n', '  "acme/p')).toContain('acme/parcels')
    expect(await typed('[widget owners]\n', '  fun')).toContain('function')
    expect(await typed('[housing, ', 'he')).toContain('health')
    expect(await typed('retext-equality: [', '')).toBe('off info warning error')
    expect(await typed('legal/**\n', '    ru')).toBe('rules vocabularies sector')
    expect(await typed('turf: off,', ' dis')).toContain('disowning')
    expect(await typed('legal/', '')).toBe('')
    expect(await typed('  turf: off\n', '  ca', 'carting')).toContain('\n  carting: ')
    expect(await typed('turf: off,', ' dis', 'disowning')).toContain('{ turf: off, disowning:  }')
    expect(await typed('over-the-wall: ', '', 'off')).toContain('over-the-wall: off\n')
  })

  const json = `{
  // ours
  "rules": { "turf": "", "ca" },
  "over",
  "overrides": [{ "files": "a/**", "rules": { "acme/parcels": "off", "d": "info" } }]
}
`
  test('is offered the same in JSON', async () => {
    const { editor, document } = await configuring('.silolintrc.json', json)
    const at = async (text: string): Promise<string[]> => labels(await editor.completions(document, text))
    expect(await at('"turf": "')).toEqual(['off', 'info', 'warning', 'error'])
    expect(await at('"ca')).toEqual(expect.arrayContaining(['carting', 'acme/parcels', 'over-the-wall']))
    expect(await at('"over')).toContain('vocabularies')
    expect(await at('"d')).toContain('disowning')
    expect(await taken(editor, document, '"ca', 'carting')).toContain('"carting":  }')
    expect(await taken(editor, document, '"d', 'disowning')).toContain('"disowning": "info"')
    expect(await taken(editor, document, '"turf": "', 'error')).toContain('"turf": "error",')
  })

  test('is offered by the server what the schema does not know, where the editor uses that', async () => {
    const { editor, document } = await configuring('.silolintrc.json', json, ['json'])
    expect(labels(await editor.completions(document, '"ca')).sort()).toEqual([
      'acme/parcels',
      'carting',
      'silolint/expired-suppression',
      'silolint/unknown-suppression',
      'silolint/unused-suppression',
    ])
    expect(await editor.completions(document, '"turf": "')).toEqual([])
    expect(await editor.completions(document, '"over')).toEqual([])
  })

  test('reads over the id of a rule what it flags', async () => {
    const { editor, document } = await configuring('.silolintrc.yaml', yaml.replace('  turf', '  carting: off\n  turf'))
    const [marked, said] = await editor.explained(document, 'carting')
    expect(marked).toBe('carting')
    expect(said).toContain('**Carting** (info)')
    expect(said).toContain('Whatever is carted off comes back.')
    expect(said).toContain('- We ferry it off to \\<Depot\\>.')
    expect((await editor.explained(document, 'over-the-wall'))[1]).toContain('# over-the-wall'.slice(2))
    expect(await editor.explained(document, 'extends')).toEqual(['', ''])
    const other = await configuring('.silolintrc.json', json)
    expect((await other.editor.explained(other.document, 'acme/parcels'))[0]).toBe('"acme/parcels"')
  })

  test('sees no findings in it', async () => {
    const { editor, document } = await configuring('.silolintrc.yaml', 'ignores: ["It is not our job."]\n')
    expect(await editor.pull(document)).toEqual([])
  })
})

test('a comment is offered what it can do, the rules in force, of a pack too, and their patterns', async () => {
  const { editor, document: configuration } = await configuring('.silolintrc.yaml', '')
  const folder = configuration.uri.replace(/[^/]*$/, '')
  const text = [
    '<!-- silolint-d',
    '<!-- silolint-disable-next-line acme/p -->',
    '<!-- silolint-disable turf, carting:by -->',
    'We say silolint-d here.',
    '',
  ].join('\n\n')
  const document = await editor.open(`${folder}moving.md`, text)
  const at = async (text: string): Promise<string[]> => labels(await editor.completions(document, text))
  expect(await at('<!-- silolint-d')).toContain('silolint-disable-next-line')
  expect(await at('line acme/p')).toEqual(expect.arrayContaining(['acme/parcels', 'carting', 'over-the-wall']))
  expect(await at('carting:by')).toEqual(['carting:by-ferry', 'carting:by-cart'])
  expect(await at('We say silolint-d')).toEqual([])
  expect(await taken(editor, document, 'line acme/p', 'acme/parcels')).toContain('next-line acme/parcels -->')
  expect(await taken(editor, document, 'carting:by', 'carting:by-cart')).toContain('turf, carting:by-cart -->')
})
