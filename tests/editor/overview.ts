// Who is in a document: tinted in the text, told over headings, and summed up in the status bar.
import { deepStrictEqual, ok } from 'node:assert'
import { setTimeout as delay } from 'node:timers/promises'
import { after, afterEach, before, describe, it } from 'mocha'
import { type CodeLens, ConfigurationTarget, commands, type Hover, type TextDocument, window, workspace } from 'vscode'
import { inWorkspace, patience, picture, textOf, type, waitForLens, waitForRules, write } from './editor.ts'

const text = `# Returns

## Purpose

To give customers their money back within a week, and tenants their deposit.

## Procedure

1. 💻 Finance checks the request of the customer.
2. Finance passes it to Legal and the Service Desk.
3. The Warehouse Team books the goods in.

## Complaints

Complaints are not our responsibility. Legal answers them.
`
const rules = ['disowning']

afterEach('close the documents and drop what the test wrote into them', async () => {
  while (window.activeTextEditor) await commands.executeCommand('workbench.action.revertAndCloseActiveEditor')
})

/** What the box over a word says of who it is, once that is what is expected. */
async function waitForParty(document: TextDocument, word: string, expected: string | undefined): Promise<void> {
  let said: string[] = []
  for (const end = Date.now() + patience; Date.now() < end; await delay(100)) {
    const at = document.positionAt(document.getText().indexOf(word) + 1)
    const hovers = await commands.executeCommand<Hover[]>('vscode.executeHoverProvider', document.uri, at)
    said = hovers.map(textOf).filter((text) => /Served|Department/.test(text))
    if (expected === undefined ? !said.length : said.some((text) => text.endsWith(expected))) return
  }
  throw new Error(`over “${word}” it says ${said.join('\n') || 'nothing'} and not ${expected ?? 'nothing'}`)
}

describe('a writer who wants to know who is in a document', () => {
  after('hide them again', () => commands.executeCommand('silolint.untint'))

  it('shows them with a command, and reads over each who it is', async () => {
    const document = await write('markdown', text)
    await waitForRules(document, rules)
    await waitForParty(document, 'customers', undefined)
    await commands.executeCommand('silolint.tint')
    await waitForParty(document, 'customers', 'Served: customer')
    await waitForParty(document, 'Warehouse Team', 'Department: Warehouse Team')
  })

  it('finds it in the menu of the editor', async () => {
    await write('markdown', text)
    await commands.executeCommand('silolint.untint')
    // fails unless the entry shows
    await picture('tint-menu', ':text("Show Customers and Departments")', {
      click: '.editor-actions [aria-label^="More Actions"]',
    })
    await commands.executeCommand('workbench.action.focusActiveEditorGroup')
    await commands.executeCommand('silolint.tint')
  })

  it('sees them follow what is typed', async () => {
    const document = await write('markdown', '# Note\n\nFinance is told.')
    await waitForParty(document, 'Finance', 'Department: Finance')
    await type(' So is the patient.')
    await waitForParty(document, 'patient', 'Served: patient')
    await waitForParty(document, 'Finance', 'Department: Finance')
    await commands.executeCommand('silolint.untint')
    await waitForParty(document, 'patient', undefined)
    await commands.executeCommand('silolint.tint')
    await waitForParty(document, 'patient', 'Served: patient')
  })

  it('sees the words of a team as soon as they are in its configuration', async () => {
    const file = inWorkspace('.silolintrc.json')
    const document = await write('markdown', 'The allotment holder waits, and so does the tenant.')
    await waitForParty(document, 'tenant', 'Served: tenant')
    const words = '{ "vocabularies": { "served": ["allotment holder"] } }'
    await workspace.fs.writeFile(file, new TextEncoder().encode(words))
    await waitForParty(document, 'allotment', 'Served: allotment holder')
    await workspace.fs.delete(file)
    await waitForParty(document, 'allotment', undefined)
  })

  for (const [name, theme] of [
    ['dark', 'Default Dark Modern'],
    ['light', 'Default Light Modern'],
    ['contrast', 'Default High Contrast'],
    ['contrast-light', 'Default High Contrast Light'],
  ] as const)
    it(`can tell them apart in colours: ${name}`, async () => {
      const settings = workspace.getConfiguration()
      await settings.update('workbench.colorTheme', theme, ConfigurationTarget.Workspace)
      await settings.update('silolint.headings', true, ConfigurationTarget.Workspace)
      const document = await write('markdown', text)
      await waitForParty(document, 'customers', 'Served: customer')
      await waitForLens(document, 'names nobody who is served')
      const element = '.statusbar-item:has-text("Silo index")'
      const shown = await picture(`overview-${name}`, element, { width: 1100, height: 620 })
      deepStrictEqual(shown?.toasts ?? [], [])
      await picture(`score-${name}`, '.monaco-hover:has-text("of 100")', {
        width: 1100,
        height: 620,
        hover: element,
      })
      await settings.update('workbench.colorTheme', undefined, ConfigurationTarget.Workspace)
      await settings.update('silolint.headings', undefined, ConfigurationTarget.Workspace)
    })
})

describe('a writer who wants the overview over headings', () => {
  const headings = (value?: boolean) =>
    workspace.getConfiguration('silolint').update('headings', value, ConfigurationTarget.Workspace)

  before('switch it on', () => headings(true))
  after('leave it off', () => headings(undefined))

  it('reads it over each, and opens what was found', async () => {
    const document = await write('markdown', text)
    await waitForRules(document, rules)
    await waitForLens(document, 'Purpose · names customer, tenant')
    await waitForLens(document, 'Procedure · names customer · 1 hand-off without an owner')
    const lens = await waitForLens(document, '1 finding')
    const { command } = lens
    ok(command)
    await commands.executeCommand(command.command, ...(command.arguments ?? []))
    // fails unless the window with the finding shows
    await picture('lens-findings', '.peekview-widget .preview')
  })

  it('and not once it is switched off', async () => {
    await headings(undefined)
    const document = await write('markdown', text)
    await waitForRules(document, rules)
    const lenses = await commands.executeCommand<CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 10)
    deepStrictEqual(lenses, [])
  })
})
