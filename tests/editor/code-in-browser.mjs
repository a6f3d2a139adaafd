// Runs an extension's suite in the VS Code server with headless Chromium: a real workbench, a real extension host and
// the real `vscode` API where desktop VS Code cannot be had.
import { spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { format } from 'node:util'
import { chromium } from 'playwright-core'

// A quiet window: what opens by itself takes the focus from the editor under test.
const settings = {
  'chat.disableAIFeatures': true,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'telemetry.telemetryLevel': 'off',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'security.workspace.trust.startupPrompt': 'never', // only where nothing is trusted by itself
  'workbench.startupEditor': 'none',
}
const showsLog = process.env.SILOLINT_EDITOR_LOG === '1'
// What the window says about itself at every start; SILOLINT_EDITOR_LOG=1 shows it all the same.
const startUpLines = [
  /^(Creat(ing a socket|ion of workbench)|Ignoring fetching|Loading development|No search provider|Request to ')/,
  /^(Resolv(ed|ing) conn|Updating additional|\[(Account|Agent|Service W|reconn))/,
  /^No extension gallery service configured/, // asked for the texts of VS Code's own extensions in another language
  /because this extension is not a web extension/, // the page has a web extension host besides
  /@vscode\/(spdlog|native-watchdog)/, // modules that installServer leaves uncompiled: log files and a watchdog
]

/**
 * Runs a suite with the options of @vscode/test-electron's runTests and returns the exit code that the window reports.
 * That code is 0 also when the extension host died midway: the suite has to leave word of its own that it ended.
 *
 * `server` is what installServer returned, `home` an existing folder for all that the run writes, `workspace` the
 * folder or workspace file to open, `language` that of its texts where extensions have them, `signal` ends the run early. With `restricted`
 * nobody has trusted the folder; with `web` the extension and its suite run in the page, without Node, and `onResult` gets
 * what the suite says behind "silolint-result". Throws when the server, the browser or the page fails, and on the signal.
 * No process is left behind either way.
 */
export async function runInBrowser(options) {
  const cleanups = [] // run last to first
  let fail
  const failure = new Promise((_, reject) => {
    fail = (why) => reject(why instanceof Error ? why : new Error(why))
  })
  options.signal.addEventListener('abort', () => fail(options.signal.reason))
  try {
    return await Promise.race([failure, runInWindow(options, cleanups, fail)])
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup()
  }
}

async function runInWindow(options, cleanups, fail) {
  const token = randomUUID() // other users of this machine must not get at the server
  const port = await startServer(options, token, cleanups, fail)
  const browser = await chromium.launch({
    executablePath: findBrowser(),
    handleSIGHUP: false, // the caller's signal ends the run, and the server with it
    handleSIGINT: false,
    handleSIGTERM: false,
    args: ['--no-sandbox', '--disable-gpu', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost'],
  })
  cleanups.push(() => browser.close())
  // the page may not load an extension from another port by itself
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, bypassCSP: options.web === true })
  page.once('crash', () => fail('the page crashed'))

  // A built VS Code ignores the extension and the suite in the page's address, but not in its configuration, which
  // stands in a <meta> element: ours goes in before the workbench reads it. (Answering the page's request ourselves
  // would make Chromium refuse the page's web sockets.)
  const { extensionDevelopmentPath: root } = options
  const authority = options.web && `localhost:${await serveFolder(root, `http://localhost:${port}`, cleanups)}`
  const locate = (path) =>
    options.web
      ? { scheme: 'http', authority, path: path.slice(root.length) || '/' }
      : { scheme: 'vscode-remote', authority: `localhost:${port}`, path }
  await page.addInitScript(
    (additions) =>
      new MutationObserver((_, observer) => {
        const element = document.getElementById('vscode-workbench-web-configuration')
        if (!element) return
        observer.disconnect()
        const configuration = JSON.parse(element.dataset.settings)
        for (const key of Object.keys(additions)) configuration[key] = { ...configuration[key], ...additions[key] }
        element.dataset.settings = JSON.stringify(configuration)
      }).observe(document, { childList: true, subtree: true }),
    {
      configurationDefaults: settings,
      developmentOptions: {
        extensions: [locate(options.extensionDevelopmentPath)],
        extensionTestsPath: locate(options.extensionTestsPath),
      },
    },
  )
  const ended = new Promise((resolve) => page.exposeFunction('codeAutomationExit', (code) => resolve(Number(code))))
  await page.exposeFunction('codeAutomationLog', (_, args) => {
    const line = format(...args)
    const result = /silolint-result (\{.*\})/.exec(line)?.[1]
    if (result) return options.onResult(result)
    if (showsLog || !startUpLines.some((known) => known.test(line))) console.log(line)
  })
  // otherwise said when the page is made, for a language that somebody has installed
  if (options.language)
    await page.addInitScript(
      (language) => Object.assign(globalThis, { _VSCODE_NLS_LANGUAGE: language }),
      options.language,
    )
  const kind = options.workspace.endsWith('.code-workspace') ? 'workspace' : 'folder'
  await page.goto(`http://localhost:${port}/?${new URLSearchParams({ [kind]: options.workspace, tkn: token })}`)
  const pictures = options.extensionTestsEnv.SILOLINT_EDITOR_PICTURES
  if (pictures) takePictures(page, pictures, ended).catch(fail)
  return await ended
}

/** Answers whoever asks for a picture: `name.json` in the folder says of what, `name.answer.json` what else shows. */
async function takePictures(page, folder, ended) {
  let isOver = false
  ended.then(() => (isOver = true))
  for (; !isOver; await delay(100)) {
    for (const file of await readdir(folder)) {
      if (!file.endsWith('.json') || file.endsWith('.answer.json')) continue
      const request = await readFile(join(folder, file), 'utf8')
      if (!request) continue // it is being written
      await rm(join(folder, file))
      const { name, ...view } = JSON.parse(request)
      const answer = await takePicture(page, join(folder, `${name}.png`), view).catch((error) => ({
        error: `${error}`,
      }))
      await writeFile(join(folder, 'answer'), JSON.stringify(answer))
      await rename(join(folder, 'answer'), join(folder, `${name}.answer.json`))
    }
  }
}

async function takePicture(page, path, { element, width = 1280, height = 800, clip, click, hover }) {
  const { width: before } = page.viewportSize()
  await page.setViewportSize({ width, height })
  if (before !== width) await delay(500) // the workbench lays itself out anew
  if (click) await page.locator(click).first().click()
  if (hover) await page.locator(hover).first().hover()
  await page.locator(element).first().waitFor({ state: 'visible', timeout: 10_000 })
  if (!click && !hover) await page.mouse.move(width - 1, 0)
  await delay(700) // what fades in has faded in
  const part = clip ? await page.locator(clip).first().boundingBox() : undefined
  // what opens beside the part reaches beyond its border
  const cut = part && { ...part, width: width - part.x }
  await page.screenshot({ path, ...(cut && { clip: cut }), animations: 'disabled', caret: 'hide' })
  return { toasts: await page.locator('.notifications-toasts .notification-toast').allInnerTexts() }
}

/** Starts the VS Code server and returns its port. */
async function startServer({ server, home, extensionTestsEnv, restricted }, token, cleanups, fail) {
  const temporary = join(home, 'tmp') // the server leaves sockets behind
  await mkdir(temporary)
  await writeFile(join(home, 'token'), token)
  const child = spawn(
    server.node,
    [
      join(server.build, 'out', 'server-main.js'),
      '--host=127.0.0.1',
      '--port=0',
      `--connection-token-file=${join(home, 'token')}`,
      `--server-data-dir=${join(home, 'server')}`,
      `--user-data-dir=${join(home, 'user')}`,
      `--extensions-dir=${join(home, 'extensions')}`,
      '--accept-server-license-terms',
      // in Restricted Mode the extension would not run as it does for most of its users
      ...(restricted ? [] : ['--disable-workspace-trust']),
      '--disable-getting-started-override',
      '--disable-update-check',
      '--force-disable-user-env',
      '--telemetry-level=off',
      // If this process is killed outright, the server ends by itself five minutes later.
      '--enable-remote-auto-shutdown',
      '--reconnection-grace-time=5',
    ],
    {
      detached: true, // a process group of its own: extension hosts and language servers end with it
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...extensionTestsEnv,
        TMPDIR: temporary,
        XDG_RUNTIME_DIR: temporary,
        EXTENSIONS_GALLERY: '{"serviceUrl":""}', // nothing asks the network for extensions
      },
    },
  )
  const exited = once(child, 'exit').catch(() => {})
  cleanups.push(async () => {
    kill(child, 'SIGTERM')
    await Promise.race([exited, delay(3000, undefined, { ref: false })])
    kill(child, 'SIGKILL')
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors = (errors + text).slice(-2000)
    if (showsLog) process.stderr.write(text)
  })
  child.once('error', fail)
  child.once('exit', (code, signal) => fail(`the VS Code server ended (${code ?? signal})\n${errors}`))
  return new Promise((resolve) =>
    createInterface(child.stdout).on('line', (line) => {
      if (showsLog) console.error(line)
      const port = /agent listening on (\d+)/.exec(line)?.[1]
      if (port) resolve(Number(port))
    }),
  )
}

/** Serves a folder to the page, for an extension that runs in it, and returns the port. */
async function serveFolder(root, origin, cleanups) {
  const types = { '.js': 'text/javascript', '.json': 'application/json' }
  const http = createServer(async ({ url }, response) => {
    const path = join(root, normalize(decodeURIComponent(new URL(url, 'http://localhost').pathname)))
    const content = await readFile(path).catch(() => undefined)
    response.writeHead(content ? 200 : 404, {
      'Content-Type': types[extname(path)] ?? 'application/octet-stream',
      'Access-Control-Allow-Origin': origin,
      'Cross-Origin-Resource-Policy': 'same-site',
      'Cache-Control': 'no-store',
    })
    response.end(content)
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  cleanups.push(() => {
    http.closeAllConnections()
    http.close()
  })
  return http.address().port
}

function kill(child, signal) {
  try {
    process.kill(-child.pid, signal)
  } catch {
    // nothing of the group is left
  }
}

function findBrowser() {
  const names = [process.env.CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome'].filter(Boolean)
  for (const name of names) {
    const path = spawnSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).stdout.trim()
    if (path) return path
  }
  throw new Error('No Chromium found: install it (Debian: apt-get install chromium) or set CHROMIUM to its path')
}
