// npm run test:editor: the suites in tests/editor/ against the built extension in a real VS Code. `npm run test:editor --
// writing` runs one of them; `--pictures` keeps the pictures that it takes for the pages of the extension.
//   VSCODE_EXECUTABLE    the VS Code to use; otherwise it is downloaded, and where it cannot be downloaded or there is
//                        no display, the VS Code server from npm runs with headless Chromium
//   VSCODE_TOOLS         where VS Code is kept between runs (default: .vscode-test in the repository)
//   CHROMIUM             the browser for the VS Code server (default: the installed one)
//   SILOLINT_EDITOR_LOG  1: also show the log of the VS Code server and its window
// The last line is "N passed, N failed"; the exit code is 0 only if all passed and the suite ran to its end.
import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron'
import { build } from 'esbuild'
import { runInBrowser } from './code-in-browser.mjs'
import { installServer } from './vscode-server.mjs'

const timeLimit = 600_000 // ms, downloads not counted
const here = fileURLToPath(new URL('.', import.meta.url))
const root = resolve(here, '../..')
const tools = resolve(process.env.VSCODE_TOOLS ?? join(root, '.vscode-test'))
const bundle = join(root, '.vscode-test', 'suite') // inside the repository: there the suite finds mocha

const home = await realpath(await mkdtemp(join(tmpdir(), 'silolint-editor-')))
const resultsFile = join(home, 'results.jsonl')
const picturesFolder = join(home, 'pictures')
/** In this order: the first finds a window in which no document has been opened yet. */
const allSuites = ['writing', 'suite', 'fixing', 'overview', 'settled', 'findings', 'german', 'restricted', 'browser']
/**
 * Suites that need a window of their own: with several folders, in another language, in Restricted Mode, or with the extension in the page.
 * Desktop VS Code has the first only where somebody has installed it, and runs no suite in the others.
 */
const windowOf = {
  findings: { folders: ['handbook', 'clinic'] },
  german: { language: 'de' },
  restricted: { restricted: true },
  browser: { web: true },
}
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const suites = named.length ? named : allSuites
/** How many windows were opened; each leaves word of its end. */
let begun = 0
const interruption = new AbortController()
for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.on(name, () => interruption.abort(new Error(name)))

let problem = await runSuite().catch((error) => error)
const written = await readFile(resultsFile, 'utf8').catch(() => '')
const results = written
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line))
const passed = results.filter(({ event }) => event === 'pass').length
let failed = results.filter(({ event }) => event === 'fail').length
// VS Code's exit code alone would be a false green: it is 0 also when the extension host dies in the middle.
if (begun === 0 || results.filter(({ event }) => event === 'end').length < begun) {
  problem ??= new Error(`the suite did not run to its end; its last test was: ${results.at(-1)?.test ?? 'none'}`)
  failed++
}
if (passed + failed === 0) problem ??= new Error('the suite holds no test')
if (problem && failed === 0) failed = 1
if (process.argv.includes('--pictures')) {
  const manifest = await readFile(join(root, 'package.json'), 'utf8')
  for (const file of await readdir(picturesFolder).catch(() => [])) {
    const path = `images/walkthrough/${file}`
    if (manifest.includes(`"${path}"`)) await cp(join(picturesFolder, file), join(root, path))
  }
}
await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
if (problem) console.error(problem)
process.stdout.write(`${passed} passed, ${failed} failed\n`, () => process.exit(failed ? 1 : 0))

async function runSuite() {
  const { main } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const nodeSuites = suites.filter((suite) => !windowOf[suite]?.web)
  if (!existsSync(join(root, main))) throw new Error(`${main} is missing: run "npm run build" first`)
  await build({
    entryPoints: ['mocha', ...nodeSuites].map((name) => join(here, `${name}.ts`)),
    outdir: bundle,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    external: ['mocha', 'vscode'],
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  })
  if (nodeSuites.length < suites.length) await buildForBrowser()
  const workspace = join(home, 'workspace')
  await cp(join(here, 'workspace'), workspace, { recursive: true }) // the suite writes into it
  await installPack(join(workspace, 'contact-centre'))
  await mkdir(picturesFolder)
  const options = {
    extensionDevelopmentPath: root,
    extensionTestsPath: join(bundle, 'mocha.cjs'),
    // The command line runs on the Node of this process: the extension host's own executable may be Electron.
    extensionTestsEnv: { SILOLINT_EDITOR_RESULTS: resultsFile, SILOLINT_NODE: process.execPath },
  }
  const vscodeExecutablePath = await findVscode()
  const server = vscodeExecutablePath ? undefined : await installServer(join(tools, 'server'))
  const timer = setTimeout(() => interruption.abort(new Error(`no result within ${timeLimit / 1000} s`)), timeLimit)
  // runTests closes its VS Code on SIGINT alone.
  interruption.signal.addEventListener(
    'abort',
    ({ target }) => target.reason.message === 'SIGINT' || process.emit('SIGINT'),
  )
  try {
    for (const view of new Set(suites.map((suite) => windowOf[suite]))) {
      if (view && !server) continue
      begun++
      const inWindow = suites.filter((suite) => windowOf[suite] === view)
      const extensionTestsEnv = { ...options.extensionTestsEnv, SILOLINT_EDITOR_SUITES: inWindow.join() }
      // A profile of its own: an earlier window's settings and unsaved documents stay out of this one.
      const profile = join(home, view ? inWindow[0] : 'first')
      await mkdir(profile)
      const opened = view?.folders ? await workspaceOf(profile, view.folders) : workspace
      const code = server
        ? await runInBrowser({
            ...options,
            // pictures can be taken of a page alone
            extensionTestsEnv: { ...extensionTestsEnv, SILOLINT_EDITOR_PICTURES: picturesFolder },
            server,
            home: profile,
            workspace: opened,
            ...view,
            ...(view?.web && { extensionTestsPath: join(bundle, 'mocha.web.cjs') }),
            onResult: (line) => appendFileSync(resultsFile, `${line}\n`),
            signal: interruption.signal,
          })
        : await runTests({
            ...options,
            extensionTestsEnv,
            vscodeExecutablePath,
            launchArgs: [
              workspace,
              `--user-data-dir=${join(profile, 'user')}`,
              `--extensions-dir=${join(profile, 'extensions')}`,
            ],
          })
      if (code !== 0) throw new Error(`VS Code ended with exit code ${code}`)
    }
  } finally {
    clearTimeout(timer)
  }
}

/** A workspace of several folders, in which the suite writes what it needs. */
async function workspaceOf(profile, folders) {
  for (const folder of folders) await mkdir(join(profile, folder))
  const file = join(profile, 'several.code-workspace')
  await writeFile(file, JSON.stringify({ folders: folders.map((path) => ({ path })) }))
  return file
}

/** The suite for the web extension host, in one file, with mocha and without Node. */
async function buildForBrowser() {
  await build({
    entryPoints: [join(here, 'mocha.web.ts')],
    outExtension: { '.js': '.cjs' },
    outdir: bundle,
    bundle: true,
    external: ['vscode'],
    format: 'iife',
    globalName: 'suite',
    footer: { js: 'module.exports = suite' },
    platform: 'browser',
    target: 'es2022',
    define: { 'process.env': '{}' },
    plugins: [
      {
        name: 'nodeless',
        setup(build) {
          build.onResolve({ filter: /^node:/ }, () => ({ path: join(here, 'nodeless.ts') }))
          // its functions are global there
          build.onResolve({ filter: /^mocha$/ }, () => ({ path: 'mocha', namespace: 'global' }))
          build.onLoad({ filter: /.*/, namespace: 'global' }, () => ({
            contents: 'export const { afterEach, describe, it } = globalThis',
          }))
        },
      },
    ],
    logLevel: 'warning',
  })
}

/** Installs the example pack into a project as its users do, and beside it a retext plugin; nothing asks the network. */
async function installPack(project) {
  const npm = (cwd, ...args) => {
    const shell = process.platform === 'win32' // there npm is a batch file
    const { status, stdout, stderr, error } = spawnSync('npm', args, { cwd, encoding: 'utf8', shell })
    if (status !== 0) throw new Error(`npm ${args[0]} failed: ${error ?? stderr}`)
    return stdout.trim()
  }
  const pack = join(root, 'examples/rule-pack')
  const tarball = npm(pack, 'pack', '--silent', '--pack-destination', project)
  npm(project, 'install', '--silent', '--offline', '--no-save', '--legacy-peer-deps', `./${tarball}`)
  const plugin = join('node_modules', 'retext-equality')
  await symlink(join(root, plugin), join(project, plugin), 'junction')
}

/** The path of a desktop VS Code, or undefined where it has to be the server. */
async function findVscode() {
  if (process.env.VSCODE_EXECUTABLE) {
    console.log(`VS Code: ${process.env.VSCODE_EXECUTABLE} (VSCODE_EXECUTABLE)`)
    return process.env.VSCODE_EXECUTABLE
  }
  let why
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) why = 'there is no display'
  else {
    try {
      const path = await downloadAndUnzipVSCode({ cachePath: tools })
      console.log(`VS Code: ${path} (downloaded)`)
      return path
    } catch (error) {
      why = `the download failed: ${error}`
    }
  }
  console.log(`VS Code: its server from npm with headless Chromium (${why})`)
}
