// In a folder that nobody has trusted yet: what is data counts, what is code is not run, and the status says so.
import { deepStrictEqual, strictEqual } from 'node:assert'
import { afterEach, describe, it } from 'mocha'
import { ConfigurationTarget, commands, languages, window, workspace } from 'vscode'
import { allRules, inWorkspace, open, picture, ruleOf, waitFor, waitForDiagnostics, waitForRules } from './editor.ts'

afterEach('close the documents', async () => {
  while (window.activeTextEditor) await commands.executeCommand('workbench.action.revertAndCloseActiveEditor')
})

describe('in Restricted Mode', () => {
  it('a writer finds what needs no code', async () => {
    strictEqual(workspace.isTrusted, false)
    const document = await open('loan-laptops.md')
    await waitForRules(document, allRules)
  })

  it('rules and settings that are text count, a plugin is not run, and the status says so and nothing else', async () => {
    const document = await open('contact-centre/calls.md')
    const findings = await waitForRules(document, ['acme/nameless-referral', 'acme/relevant-department'])
    deepStrictEqual(findings.map(ruleOf), ['acme/nameless-referral', 'acme/relevant-department'])
    const configuration = await open('contact-centre/.silolintrc.json')
    await waitForDiagnostics(configuration)
    await window.showTextDocument(document)
    // fails unless both the text and the way out show
    const shown = await picture('restricted', ':has-text("Silolint runs no code here") :text("Manage Trust")', {
      click: '[id="status.languageStatus"]',
    })
    deepStrictEqual(shown?.toasts ?? [], [])
  })

  it('all documents are linted once the settings ask for it, and rules that are text count', async () => {
    const found = (file: string): string =>
      languages
        .getDiagnostics(inWorkspace(file))
        .filter(({ source }) => source === 'silolint')
        .map(ruleOf)
        .sort()
        .join()
    const settings = workspace.getConfiguration('silolint')
    strictEqual(found('minutes.txt'), '')
    await settings.update('lintAllDocuments', true, ConfigurationTarget.Global)
    await waitFor(async () => (found('minutes.txt') === 'disowning' ? [true] : []))
    const rules = 'acme/nameless-referral,acme/relevant-department'
    await waitFor(async () => (found('contact-centre/calls.md') === rules ? [true] : []))
    await settings.update('lintAllDocuments', undefined, ConfigurationTarget.Global)
  })

  it('a configuration that is code is not run', async () => {
    const code = inWorkspace('silolint.config.js')
    await workspace.fs.writeFile(code, new TextEncoder().encode('module.exports = { rules: { disowning: "off" } }\n'))
    try {
      await waitForRules(await open('minutes.txt'), ['disowning'])
    } finally {
      await workspace.fs.delete(code)
    }
  })
})
