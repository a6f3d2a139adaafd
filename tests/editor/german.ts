// In a window in German: the texts of the manifest, and those that the extension has to say.
import { ok, strictEqual } from 'node:assert'
import { afterEach, describe, it } from 'mocha'
import { commands, env, window } from 'vscode'
import { extension, picture, waitForRules } from './editor.ts'

afterEach('close the document', async () => {
  while (window.activeTextEditor) await commands.executeCommand('workbench.action.revertAndCloseActiveEditor')
})

describe('a writer whose VS Code speaks German', () => {
  it('reads the commands and the status in German', async () => {
    strictEqual(env.language, 'de')
    const { contributes } = extension().packageJSON
    const titles = contributes.commands.map(({ title }: { title: string | { value: string } }) =>
      typeof title === 'string' ? title : title.value,
    )
    for (const title of ['Ein Beispiel ausprobieren', 'Erste Schritte anzeigen', 'Neu starten', 'Protokoll anzeigen'])
      ok(titles.includes(title), `${title} is not among ${titles}`)
    await commands.executeCommand('silolint.openExample')
    const { document } = window.activeTextEditor ?? {}
    if (document)
      await waitForRules(document, ['customer-absent-objective', 'disowning', 'over-the-wall', 'unowned-step'])
    // fails unless the text shows
    await picture('german-score', '.statusbar-item:has-text("· 4 Fundstellen")')
    await picture('german', ':text("Silolint läuft")', { click: '[id="status.languageStatus"]' })
  })
})
