// Puts the files of rules/ into the program, so that it runs from one file, in a browser too. The
// folder listing is the registry: a rule is a file and needs no other place.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('rules', import.meta.url))

/** The source of the module `silolint:rules`, and the files that it was made from. */
export function rulesModule() {
  const files = []
  const list = (folder) => {
    const here = join(root, folder)
    if (!existsSync(here)) return []
    return readdirSync(here)
      .filter((name) => name.endsWith('.md') && name !== 'README.md')
      .sort()
      .map((name) => {
        files.push(join(here, name))
        return { path: ['rules', folder, name].filter(Boolean).join('/'), text: readFileSync(join(here, name), 'utf8') }
      })
  }
  const code = readdirSync(root).filter((name) => name.endsWith('.ts'))
  const imports = code.map((name, index) => `import code${index} from ${JSON.stringify(join(root, name))}`)
  const entries = code.map((name, index) => `${JSON.stringify(name.replace(/\.ts$/, ''))}: code${index}`)
  const lists = Object.entries({
    rules: '',
    guards: 'guard',
    vocabularies: 'vocabulary',
    roles: 'role',
    sectors: 'sector',
  })
  const exports = lists.map(([name, folder]) => `export const ${name} = ${JSON.stringify(list(folder))}`)
  return { source: [...imports, ...exports, `export const code = { ${entries.join(', ')} }`].join('\n'), files }
}

/** For esbuild, which makes dist/. */
export const esbuildRules = {
  name: 'rules',
  setup(build) {
    build.onResolve({ filter: /^silolint:rules$/ }, () => ({ path: 'silolint:rules', namespace: 'rules' }))
    build.onLoad({ filter: /.*/, namespace: 'rules' }, () => {
      const { source, files } = rulesModule()
      return { contents: source, loader: 'js', resolveDir: root, watchFiles: files, watchDirs: [root] }
    })
  },
}

/** For vitest, whose tests read the engine from its sources. */
export const viteRules = {
  name: 'rules',
  enforce: 'pre',
  resolveId: (id) => (id === 'silolint:rules' ? '\0silolint:rules' : undefined),
  load: (id) => (id === '\0silolint:rules' ? rulesModule().source : undefined),
}
