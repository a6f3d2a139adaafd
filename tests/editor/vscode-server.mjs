// The VS Code server from the npm registry, for machines that cannot download desktop VS Code.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

// Pinned: what the runner leans on (the page's configuration, the server's flags) is no public interface.
const codeServer = { name: 'code-server', version: '4.139.1' }
// The server asks for Node 24 and stops on Node 20 with "registerHooks is not exported by node:module".
const node = { name: `node-${process.platform}-${process.arch}`, version: '24.21.0' }

/**
 * Installs what is missing of the server into `folder` and tells where its build and its Node are. A second call finds
 * everything there; an installation that was interrupted is taken up again. Throws when npm fails.
 */
export async function installServer(folder) {
  if (process.platform === 'win32') throw new Error('The VS Code server does not install here: set VSCODE_EXECUTABLE')
  const build = join(folder, 'node_modules', codeServer.name, 'lib', 'vscode')
  if (!(await isInstalled(folder, codeServer)) || !(await isInstalled(folder, node))) {
    await mkdir(folder, { recursive: true })
    // A package.json of its own: npm would otherwise install into the repository around the folder.
    await writeFile(join(folder, 'package.json'), '{"private":true}\n')
    npmInstall(
      folder,
      [codeServer, node].map(({ name, version }) => `${name}@${version}`),
    )
  }
  // npm writes this file last, so it tells a whole installation from an interrupted one.
  if (!existsSync(join(build, 'node_modules', '.package-lock.json'))) npmInstall(build, ['--omit=dev'])
  return { build, node: join(folder, 'node_modules', node.name, 'bin', 'node') }
}

async function isInstalled(folder, { name, version }) {
  const manifest = await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8').catch(() => '{}')
  return JSON.parse(manifest).version === version
}

function npmInstall(cwd, args) {
  // Without the install scripts: they compile modules that a test run does without, for minutes and with a compiler.
  const flags = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--loglevel=error']
  const { status, error } = spawnSync('npm', [...flags, ...args], { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0)
    throw new Error(`npm could not install the VS Code server in ${cwd}: ${error ?? `exit code ${status}`}`)
}
