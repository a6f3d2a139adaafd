// Puts the files of rules/ into the program, read and packed, so that it runs from one file, in a browser too, and starts
// without reading them again. The folder listing is the registry: a rule is a file and needs no other place.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, 'rules')

/** The source of the module `silolint:rules`, and the files that it was made from. */
export async function rulesModule() {
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
  const entries = code.map((name, index) => `${JSON.stringify(idOf(name))}: code${index}`)
  const engine = await reader()
  const { layer, faults } = engine.readLayer({
    rules: list(''),
    guards: list('guard'),
    vocabularies: list('vocabulary'),
    roles: list('role'),
    sectors: list('sector'),
    // only which rules have code matters for reading
    code: Object.fromEntries(code.map((name) => [idOf(name), () => []])),
  })
  const compile = (unpacked) => {
    const { catalogue, faults: more } = engine.compileCatalogue([unpacked])
    faults.push(...more)
    return engine.compiledOf(catalogue)
  }
  const bytes = faults.length ? new Uint8Array() : engine.packLayer(layer, compile)
  const source = [...imports, `export const code = { ${entries.join(', ')} }`].join('\n')
  return { source, bytes, files, faults, layer }
}

/** The bytes as part of the module. */
const inline = (bytes) =>
  `export const bytes = () => Buffer.from(${JSON.stringify(Buffer.from(bytes).toString('base64'))}, 'base64')`

/**
 * The bytes as a file beside the program, which is read faster than a program of that size. The program names what is in
 * it, behind a # which no file name has, since findings that are kept go by what the program is.
 */
const beside = (format, bytes) => `
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
export const bytes = () => readFileSync(${format === 'cjs' ? `join(__dirname, '${file}')` : `new URL('./${file}#${createHash('sha256').update(bytes).digest('hex')}', import.meta.url)`})
`
const file = 'rules.bin'

/** The bytes as whoever starts the program hands them over, since a program in a browser reads no files. */
const handedOver = 'export const bytes = () => globalThis.silolintRules'

const idOf = (name) => name.replace(/\.(?:md|ts)$/, '')

/** The engine's own reader of rule files, bundled anew, since it may have changed while somebody works on it. */
async function reader() {
  const { outputFiles } = await build({
    stdin: {
      contents:
        "export { compileCatalogue, compiledOf, readLayer } from './engine/catalogue.ts'\nexport { packLayer } from './engine/compiled.ts'",
      resolveDir: here,
      loader: 'ts',
    },
    bundle: true,
    mainFields: ['module', 'main'],
    platform: 'node',
    format: 'esm',
    write: false,
    logLevel: 'warning',
    // what is bundled may be CommonJS and ask for Node's modules by require
    banner: {
      js: `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(${JSON.stringify(import.meta.url)});`,
    },
  })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)
}

/** The module, which all builds of a process share until one of them is made again because a file has changed. */
let shared
/** What `rulesModule` gives, made once. */
export const builtInRules = () => {
  shared ??= rulesModule()
  return shared
}

/** For esbuild, which makes dist/. */
export const esbuildRules = {
  name: 'rules',
  setup(build) {
    let isAgain = false
    build.onStart(() => {
      if (isAgain) shared = undefined
      isAgain = true
    })
    build.onResolve({ filter: /^silolint:rules$/ }, () => ({ path: 'silolint:rules', namespace: 'rules' }))
    build.onLoad({ filter: /.*/, namespace: 'rules' }, async () => {
      const { source, bytes, files, faults } = await builtInRules()
      // what is left out of the program must not go unnoticed; the watcher goes on
      const errors = faults.map(({ path, line, column, problem, cure, value }) => ({
        text: `${problem}${value === undefined ? '' : ` (${JSON.stringify(value)})`}. ${cure}`,
        location: { file: path, line: line ?? 1, column: (column ?? 1) - 1 },
      }))
      const { outdir, format, platform } = build.initialOptions
      if (outdir) {
        await mkdir(outdir, { recursive: true })
        await writeFile(join(outdir, file), bytes)
      }
      const rest = platform === 'browser' ? handedOver : outdir ? beside(format, bytes) : inline(bytes)
      return {
        contents: `${source}\n${rest}`,
        loader: 'js',
        resolveDir: root,
        watchFiles: files,
        watchDirs: [root],
        errors,
      }
    })
  },
}

/** For vitest, whose tests read the engine from its sources. */
export const viteRules = {
  name: 'rules',
  enforce: 'pre',
  resolveId: (id) => (id === 'silolint:rules' ? '\0silolint:rules' : undefined),
  load: async (id) => {
    if (id !== '\0silolint:rules') return undefined
    const { source, bytes } = await rulesModule()
    return `${source}\n${inline(bytes)}`
  },
}
