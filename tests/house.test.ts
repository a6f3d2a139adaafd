import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

/** What each room may import: other rooms, and whether Node's own modules or `vscode` are allowed. */
const rooms: Record<string, { rooms: string[]; node: boolean; vscode: boolean }> = {
  rules: { rooms: ['engine/rule.ts'], node: false, vscode: false },
  engine: { rooms: [], node: false, vscode: false },
  server: { rooms: ['engine'], node: false, vscode: false },
  client: { rooms: [], node: true, vscode: true },
  cli: { rooms: ['engine', 'package.json'], node: true, vscode: false },
}
/** The files of a room that may touch the machine: of the engine those that read, and one that runs a team's own code;
 * of the server those for a machine with a disk. */
const rims = new Set([
  'engine/disk.ts',
  'engine/files.ts',
  'engine/code.ts',
  'server/node.ts',
  'server/projectfiles.ts',
])

const files = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name).replaceAll('\\', '/'))

const imports = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*\(?['"]([^'"]+)['"]/g)].map(
    (found) => found[1] as string,
  )

test.each(Object.entries(rooms))('%s imports only what it may', (room, allowed) => {
  const wrong: string[] = []
  const all = files(room)
  expect(all.length).toBeGreaterThan(0)
  for (const path of all) {
    for (const target of imports(path)) {
      const say = () => wrong.push(`${path} imports ${target}`)
      if (target === 'vscode') {
        if (!allowed.vscode) say()
      } else if (target.startsWith('node:')) {
        if (!allowed.node && !rims.has(path)) say()
      } else if (target.startsWith('.')) {
        const resolved = normalize(join(dirname(path), target)).replaceAll('\\', '/')
        const inside = resolved.startsWith(`${room}/`)
        if (!inside && !allowed.rooms.some((other) => resolved === other || resolved.startsWith(`${other}/`))) say()
      }
    }
  }
  expect(wrong).toEqual([])
})

test('there is no shared, utils or common room', () => {
  const folders = readdirSync('.', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
  expect(folders.filter((name) => /^(shared|utils?|common|lib|helpers?)$/.test(name))).toEqual([])
})

test('the launch configurations that the documentation names exist', () => {
  const launch = readFileSync('.vscode/launch.json', 'utf8')
  const readme = readFileSync('README.md', 'utf8').replace(/\s+/g, ' ')
  const names = [...readme.matchAll(/\*\*((?:Extension|Language)[^*]*)\*\*/g)].map((found) => found[1])
  expect(names.length).toBeGreaterThanOrEqual(2)
  for (const name of names) expect(launch).toContain(`"name": "${name}"`)
})
