// One process from start to end: its CPU time, its memory at the highest, and what it said.
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const gnuTime = '/usr/bin/time'
/** Why this machine cannot measure, or undefined where it can. */
export const cannotMeasure = () =>
  ['bash', 'timeout'].some((command) => spawnSync(command, ['--version']).error)
    ? 'The benchmark measures with bash and with timeout of the GNU coreutils, which are not here. Run it on Linux.'
    : undefined
/** Whether memory can be measured: it needs GNU time (apt-get install time). */
export const measuresMemory = existsSync(gnuTime)

/**
 * Runs a command to its end, or until a limit in seconds. CPU time is user + system of it and of all it waited for, as
 * bash counts it (in milliseconds); memory is the peak resident set of the largest of its processes.
 * @returns `{ cpu, wall }` in seconds, `memory` in MB, the exit code, its output, and whether the limit `stopped` it
 */
export function measure([command, ...args], { cwd, limit, scratch }) {
  const [out, err, peak] = ['out', 'err', 'peak'].map((name) => join(scratch, name))
  const streams = [openSync(out, 'w'), openSync(err, 'w')]
  const wrapped = ['timeout', '--foreground', '-s', 'KILL', String(limit), command, ...args]
  const timed = measuresMemory ? [gnuTime, '-q', '-f', '%M', '-o', peak, ...wrapped] : wrapped
  // descriptors 3 and 4 are the command's own output, so that what bash says of the time stays apart
  const script = `TIMEFORMAT='%3U %3S %3R'; time "$@" >&3 2>&4; exit $?`
  const run = spawnSync('bash', ['-c', script, 'bash', ...timed], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe', ...streams],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  })
  for (const one of streams) closeSync(one)
  const [user, system, wall] = run.stderr.toString().trim().split(/\s+/).slice(-3).map(Number)
  return {
    cpu: user + system,
    wall,
    memory: measuresMemory ? Number(readFileSync(peak, 'utf8').trim().split('\n').at(-1)) / 1024 : undefined,
    code: run.status,
    stopped: run.status === 137,
    out: readFileSync(out, 'utf8'),
    err: readFileSync(err, 'utf8'),
  }
}

/** The middle one of some numbers. */
export const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b)
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2
}
