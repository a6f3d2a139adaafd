import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'
import { listFiles, PackageManager } from '@vscode/vsce'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { documentEndings } from '../engine/format.ts'

type Json = Record<string, unknown>
const read = (path: string): string => readFileSync(path, 'utf8')
const json = <T = Json>(path: string): T => JSON.parse(read(path))
const manifest = read('package.json')
const { contributes, activationEvents, icon, l10n } = json<{
  contributes: {
    commands: Array<{ command: string; title: string; category: string }>
    configuration: { properties: Record<string, Json> }
    walkthroughs: Array<{ steps: Array<{ media: { image: string }; completionEvents?: string[] }> }>
    jsonValidation: Array<{ fileMatch: string[]; url: string }>
    yamlValidation: Array<{ fileMatch: string[]; url: string }>
  }
  activationEvents: string[]
  icon: string
  l10n: string
}>('package.json')
const english = json<Record<string, string>>('package.nls.json')
const languages = ['de', 'fr', 'es']

describe('what the extension says', () => {
  test('in the manifest is written out, all of it and no more', () => {
    const asked = [...manifest.matchAll(/%([\w.]+)%/g)].map((found) => found[1] as string)
    expect(Object.keys(english).sort()).toEqual([...new Set(asked)].sort())
  })

  test.each(languages)('in the manifest is there in %s, with the same links and names', (language) => {
    const translated = json<Record<string, string>>(`package.nls.${language}.json`)
    expect(Object.keys(translated)).toEqual(Object.keys(english))
    const fixed = (text: string): string[] =>
      text.match(/\(command:[^)]*\)|`[^`]*`|silolint\.config\.js|\.\w*(?:sop|raci)\b/g) ?? []
    for (const [key, text] of Object.entries(translated)) {
      expect([key, fixed(text)]).toEqual([key, fixed(english[key] as string)])
      expect([key, text.trim()]).not.toEqual([key, ''])
    }
  })

  test.each(languages)('by itself is there in %s', (language) => {
    const said = readdirSync('client').flatMap((file) => {
      const source = read(`client/${file}`)
      const literal = [...source.matchAll(/\bl10n\.t\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g)]
      // another form of text could not be found here, nor by the tools that translators use
      expect([file, literal.length]).toEqual([file, source.match(/\bl10n\.t\(/g)?.length ?? 0])
      return literal.map((found) => found[1] ?? (found[2] as string))
    })
    expect(said.length).toBeGreaterThan(0)
    const bundle = json<Record<string, string>>(`${l10n}/bundle.l10n.${language}.json`)
    expect(Object.keys(bundle).sort()).toEqual([...new Set(said)].sort())
    const gaps = (text: string): string[] => (text.match(/\{\d+\}/g) ?? []).sort()
    for (const [text, translated] of Object.entries(bundle)) expect(gaps(translated)).toEqual(gaps(text))
  })
})

describe('a window', () => {
  test('without process documents loads nothing', () => {
    const reasons = activationEvents.map((event) => event.split(':')[0])
    expect([...new Set(reasons)].sort()).toEqual(['onLanguage', 'workspaceContains'])
    // a name at the top of the folder is looked up, a pattern would be searched for
    for (const event of activationEvents) expect(event).not.toMatch(/[*?{]/)
  })

  test('has commands with names, settings with a description and a default, and first steps with their pictures', () => {
    for (const { command, title, category } of contributes.commands) {
      expect(command).toMatch(/^silolint\./)
      expect([title, category]).toEqual([expect.stringMatching(/^%commands\./), 'Silolint'])
    }
    for (const [name, setting] of Object.entries(contributes.configuration.properties)) {
      expect(name).toMatch(/^silolint\./)
      expect(setting).toMatchObject({ default: expect.anything(), scope: expect.any(String) })
      expect(setting.description ?? setting.markdownDescription).toMatch(/^%settings\./)
    }
    const [walkthrough] = contributes.walkthroughs
    expect(walkthrough?.steps).toHaveLength(6)
    const known = new Set(contributes.commands.map(({ command }) => command))
    for (const { media, completionEvents = [] } of walkthrough?.steps ?? []) {
      expect([media.image, existsSync(media.image)]).toEqual([media.image, true])
      for (const event of completionEvents) expect(known).toContain(event.replace('onCommand:', ''))
    }
    for (const [, command = ''] of JSON.stringify(english).matchAll(/\(command:([\w.]+)/g))
      if (command.startsWith('silolint.')) expect(known).toContain(command)
  })

  test('runs no code of a folder that nobody trusts, and works without files', () => {
    const { capabilities, main, browser } = json<{
      capabilities: Record<'untrustedWorkspaces' | 'virtualWorkspaces', Json>
      main: string
      browser: string
    }>('package.json')
    expect(capabilities.untrustedWorkspaces).toMatchObject({ supported: 'limited' })
    expect(capabilities.virtualWorkspaces).toMatchObject({ supported: 'limited' })
    for (const entry of [main, browser]) expect([entry, existsSync(entry)]).toEqual([entry, true])
    // a setting of a folder that could make code run would have to be named among the restricted ones
    const { restrictedConfigurations = [] } = capabilities.untrustedWorkspaces as {
      restrictedConfigurations?: string[]
    }
    for (const name of Object.keys(contributes.configuration.properties))
      if (/path|command|plugin|module|node|executable/i.test(name)) expect(restrictedConfigurations).toContain(name)
  })

  test('checks configuration in JSON and YAML against the schema that the README shows', () => {
    const [ofJson, ofYaml] = [contributes.jsonValidation[0], contributes.yamlValidation[0]]
    expect(ofJson?.url).toBe(ofYaml?.url)
    const names = [...(ofJson?.fileMatch ?? []), ...(ofYaml?.fileMatch ?? [])]
    for (const name of names) expect(activationEvents).toContain(`workspaceContains:${name}`)
    const ajv = new Ajv({ strict: false, allErrors: true })
    const validate = ajv.compile(json(ofJson?.url ?? ''))
    const shown = /## Configuration[\s\S]*?```json\n([\s\S]*?)```/.exec(read('README.md'))?.[1] ?? ''
    expect(validate(JSON.parse(shown))).toBe(true)
    expect(validate(parse('sector: local-government\nrules:\n  unowned-step: off\n'))).toBe(true)
    expect(validate({ rules: { 'unowned-step': 'loud' } })).toBe(false)
    expect(validate({ sectors: 'health' })).toBe(false)
  })
})

describe('the package', () => {
  test('holds all that the manifest names and stays below 3 MB', async () => {
    const files = await listFiles({
      cwd: process.cwd(),
      packageManager: PackageManager.None,
    })
    const named = [
      ...manifest.matchAll(/"\.?\/?((?:dist|images|syntaxes|snippets|l10n)\/[\w./-]+|language-configuration\.json)"/g),
    ].map((found) => found[1] as string)
    const inExtension = named.filter((path) => !/dist\/(?:cli|index|testing)\b/.test(path))
    expect(inExtension.length).toBeGreaterThan(8)
    for (const path of [icon, ...inExtension]) expect(files).toContain(path)
    for (const path of [
      'CHANGELOG.md',
      'LICENSE',
      'dist/LICENCES.txt',
      'examples/wheelchairs.process',
      'package.nls.de.json',
      'l10n/bundle.l10n.fr.json',
    ])
      expect(files).toContain(path)
    const size = files.reduce((sum, file) => sum + deflateRawSync(readFileSync(file)).length, 0)
    expect(size).toBeLessThan(3 * 1024 * 1024)
    console.log(`The extension's package comes to ${(size / 1024 / 1024).toFixed(2)} MB in ${files.length} files.`)
  })

  test('brings the licence of each package that is in it', () => {
    const licences = read('dist/LICENCES.txt')
    const { dependencies, devDependencies } = JSON.parse(manifest)
    for (const name of [
      'vscode-languageclient',
      'vscode-languageserver',
      'yaml',
      'jsonc-parser',
      '@lezer/markdown',
      'commander',
    ]) {
      expect({ ...dependencies, ...devDependencies }).toHaveProperty([name])
      // the licence of each asks for its text, and for who holds the rights
      const text = licences.split(new RegExp(`^${name} [\\d.]+ \\(`, 'm'))[1]?.split(/^-{80}$/m)[0]
      expect(text, name).toMatch(/copyright/i)
      expect(text?.length, name).toBeGreaterThan(500)
    }
  })

  test('tells writers which files it reads', () => {
    const page = read('client/README.md')
    for (const ending of documentEndings.filter((ending) => !/mdx|markdown|text/.test(ending)))
      expect(page).toContain(`\`${ending}\``)
  })
})
