import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

/** The built command, which runs as a process, as it does for its users: `npm run build` comes before these tests. */
export const command = fileURLToPath(new URL('../dist/cli.js', import.meta.url))

/** What a run gave. */
export interface Run {
  code: number
  stdout: string
  stderr: string
}

/** Runs the built command in a folder. */
export function silolint(
  args: string[],
  {
    cwd,
    input = '',
    env = { NO_COLOR: '1' },
  }: { cwd: string; input?: string | Uint8Array; env?: Record<string, string> },
): Promise<Run> {
  const { NO_COLOR: _, FORCE_COLOR: __, COLUMNS: ___, ...inherited } = process.env
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...inherited, ...env }, maxBuffer: 2 ** 30 }
    const child = execFile(process.execPath, [command, ...args], options, (error, stdout, stderr) => {
      // A number is an exit code; anything else (a signal, a command that is not there) is no answer at all.
      if (error && typeof error.code !== 'number') reject(error)
      else resolve({ code: Number(error?.code ?? 0), stdout, stderr })
    })
    child.stdin?.end(input)
  })
}

const folders: string[] = []

/** A fresh folder with these files, whose name begins so; gone when the tests of the file are done. */
export async function folderWith(files: Record<string, string | Uint8Array>, name = 'silolint-'): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), name)))
  folders.push(folder)
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})
