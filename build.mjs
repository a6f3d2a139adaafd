// Makes everything in dist/: `node build.mjs`, or `node build.mjs --watch` while developing.
import { createHash } from 'node:crypto'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { toJsonSchema } from '@valibot/to-json-schema'
import { build, context } from 'esbuild'
import { licencesOf } from './licences.mjs'
import { builtInRules, esbuildRules } from './rulesplugin.mjs'

const watch = process.argv.includes('--watch')
const common = {
  bundle: true,
  mainFields: ['module', 'main'],
  sourcemap: true,
  logLevel: 'warning',
  platform: 'node',
  target: 'node20',
  // esbuild takes it for newer than Node 20, and would have each such expression made anew at each use
  supported: { 'regexp-unicode-property-escapes': true },
  plugins: [esbuildRules],
  // licences are in a file of their own
  legalComments: 'none',
  metafile: true,
  minify: !watch,
}
// what is bundled may be CommonJS and ask for Node's modules by require, and for the name of its file
const banner = {
  js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url); const __filename = import.meta.filename;",
}
/** Writes the program as cli/launch.ts reads it, and builds what starts it, which names it by its content. */
const launched = {
  name: 'launched',
  setup({ onEnd }) {
    onEnd(async ({ outputFiles = [] }) => {
      for (const { path, text } of outputFiles) {
        // esbuild leaves regular expressions as they were written; and what V8 kept has forgotten how to import
        const ascii = text
          .replace(/(?<![.\w])import\(/g, '__import(')
          .replace(/[^\0-\x7f]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
        await writeFile(path, path.endsWith('.js') ? ascii : text)
        if (!path.endsWith('.js')) continue
        const programHash = JSON.stringify(createHash('sha256').update(ascii).digest('hex').slice(0, 16))
        await build({
          ...common,
          format: 'esm',
          entryPoints: { cli: 'cli/launch.ts', worker: 'cli/launch.ts' },
          outdir: 'dist',
          define: { programHash },
        })
      }
    })
  },
}
/** Leaves the tagger, a quarter of what the server would be, to a file of its own: only tests of rule files ask for it. */
const taggerApart = {
  name: 'tagger apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/wordforms\.ts$/ }, () => ({ path: './wordforms.cjs', external: true }))
  },
}
/** Where there is no disk and no Node: what the engine asks of them is answered by the editor, and no code is run. */
const diskless = {
  name: 'diskless',
  setup(build) {
    const memory = resolve('server/memorydisk.ts')
    build.onResolve({ filter: /^node:path$/ }, () =>
      build.resolve('pathe', { kind: 'import-statement', resolveDir: resolve('.') }),
    )
    build.onResolve({ filter: /^node:|^workerpool$/ }, () => ({ path: memory }))
    build.onResolve({ filter: /\/code\.ts$/ }, () => ({ path: memory }))
  },
}
const web = {
  ...common,
  platform: 'browser',
  // what is for a page asks it for its elements, which a worker has none of
  conditions: ['worker', 'module'],
  target: 'es2022',
  mainFields: ['browser', 'module', 'main'],
  outdir: 'dist',
}
const targets = [
  {
    ...common,
    format: 'esm',
    // they share one copy of the rules, and load what only some programs need when they need it
    entryPoints: { index: 'cli/index.ts', testing: 'cli/testing.ts' },
    splitting: true,
    outdir: 'dist',
    banner,
    external: ['jiti'],
  },
  {
    ...common,
    format: 'cjs',
    entryPoints: { program: 'cli/program.ts' },
    outdir: 'dist',
    write: false,
    // where each character stands would no longer be true
    sourcemap: false,
    banner: {
      js: "(function (module, require, __import, __filename, __dirname) { const __url = require('node:url').pathToFileURL(__filename).href;",
    },
    footer: { js: '})' },
    define: { 'import.meta.url': '__url' },
    plugins: [...common.plugins, launched],
    external: ['jiti'],
  },
  {
    ...common,
    format: 'esm',
    // in one piece, since the extension takes it along alone
    entryPoints: { plugin: 'engine/pluginthread.ts' },
    outdir: 'dist',
    banner,
    external: ['jiti'],
  },
  {
    ...common,
    format: 'cjs',
    entryPoints: { server: 'server/node.ts', extension: 'client/node.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    external: ['vscode', 'jiti'],
    plugins: [...common.plugins, taggerApart],
  },
  {
    ...common,
    format: 'cjs',
    entryPoints: { wordforms: 'engine/wordforms.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
  },
  // the web extension host takes CommonJS alone, and in a package of ES modules knows it by this ending
  {
    ...web,
    format: 'cjs',
    entryPoints: { 'extension.web': 'client/browser.ts' },
    outExtension: { '.js': '.cjs' },
    external: ['vscode'],
  },
  {
    ...web,
    format: 'iife',
    entryPoints: { 'server.web': 'server/browser.ts' },
    plugins: [...common.plugins, diskless],
  },
]

await mkdir('dist', { recursive: true })
// the types are made by tsc, which `npm run build` calls next
for (const name of await readdir('dist')) if (name !== 'types') await rm(`dist/${name}`, { recursive: true })
if (watch) for (const target of targets) await (await context(target)).watch()
else {
  const built = await Promise.all(targets.map((target) => build(target)))
  await writeFile('dist/LICENCES.txt', licencesOf(built.map(({ metafile }) => metafile)))
}

// where a program that imports the package finds its types
await writeFile(
  'dist/index.d.ts',
  "export { default } from './types/cli/index.js'\nexport * from './types/cli/index.js'\n",
)
await writeFile('dist/testing.d.ts', "export * from './types/cli/testing.js'\n")

// the schema of configuration files, for editors
const { outputFiles } = await build({
  ...common,
  stdin: {
    contents: "export { settingsSchema } from './engine/settings.ts'",
    resolveDir: '.',
  },
  format: 'esm',
  write: false,
  sourcemap: false,
  legalComments: 'none',
})
const { settingsSchema } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
)
const { layer: builtIn } = await builtInRules()
const schema = toJsonSchema(settingsSchema, { errorMode: 'ignore' })
schema.title = 'Silolint'
schema.description = 'What Silolint finds, and in which documents.'
const namedBy = (files, title) => Object.fromEntries(files.map((file) => [file.id, title(file)]))
for (const { properties } of [schema, schema.properties.overrides.items]) {
  // what comes with Silolint is offered while somebody writes; a team's own is as good
  const { rules, vocabularies, sector } = properties
  rules.properties = namedBy(builtIn.rules, ({ title }) => ({ ...rules.additionalProperties, description: title }))
  vocabularies.properties = namedBy(builtIn.vocabularies, ({ title }) => ({
    ...vocabularies.additionalProperties,
    description: title,
  }))
  const known = { enum: builtIn.sectors.map(({ id }) => id) }
  sector.anyOf = [known, { type: 'string' }, { type: 'array', items: { anyOf: [known, { type: 'string' }] } }]
}
await writeFile('dist/silolint.schema.json', `${JSON.stringify(schema, null, 2)}\n`)
