import workerpool, { type Pool } from 'workerpool'
import type { Fault } from './fault.ts'
import type { Remark } from './plugin.ts'

/** A plugin that is to run, with what is said of it in faults. */
export interface PluginUse {
  /** The rule's id. */
  id: string
  /** Absolute path of its module. */
  module: string
  options?: unknown
  /** Where it was asked for. */
  path: string
  line?: number | undefined
  column?: number | undefined
}

/** How plugins are run. */
export interface PluginOptions {
  /** Path of the script that threads run: engine/pluginthread.ts, built. */
  script: string
  /** Threads that had nothing to do for so many seconds end, so that they do not keep a program running. */
  idle?: number
  /** How long a plugin may take for a document, and for each megabyte of it. */
  seconds?: number
}

/** What plugins said of a document, by rule, and what went wrong with some of them. */
export interface Plugged {
  remarks: ReadonlyMap<string, readonly Remark[]>
  faults: Fault[]
}

/** The memory of a thread. */
const megabytes = 1024

/**
 * Runs plugins, each in a thread of its own with a time limit. What a plugin does wrong is told once, with its name; one
 * that hangs is not run again.
 */
export class Plugins {
  private readonly options: PluginOptions
  private readonly pools = new Map<string, Pool>()
  /** By plugin, what was told of it. */
  private readonly told = new Map<string, Fault>()
  /** Those that are not run any more. */
  private readonly hanging = new Set<string>()
  private running = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: PluginOptions) {
    this.options = options
  }

  /** Never rejects. @param name the document's, for faults */
  async run(uses: readonly PluginUse[], texts: readonly string[], name: string): Promise<Plugged> {
    const remarks = new Map<string, readonly Remark[]>()
    const faults: Fault[] = []
    this.running++
    clearTimeout(this.timer)
    await Promise.all(
      uses.map(async (use) => {
        const { id } = use
        const key = JSON.stringify([id, use.module, use.options])
        if (!this.hanging.has(key)) {
          try {
            remarks.set(id, await this.runOne(use, key, texts))
            return
          } catch (error) {
            this.note(use, key, error, name)
          }
        }
        const fault = this.told.get(key)
        if (fault) faults.push(fault)
      }),
    )
    this.running--
    const { idle } = this.options
    if (idle !== undefined && !this.running) this.timer = setTimeout(() => this.close(), idle * 1000)
    return { remarks, faults }
  }

  /** Ends all threads, whatever they are doing; another run starts them again. */
  async close(): Promise<void> {
    clearTimeout(this.timer)
    const pools = [...this.pools.values()]
    this.pools.clear()
    await Promise.all(pools.map((pool) => pool.terminate(true)))
  }

  private async runOne({ module, options }: PluginUse, key: string, texts: readonly string[]): Promise<Remark[]> {
    let pool = this.pools.get(key)
    if (!pool) {
      pool = workerpool.pool(this.options.script, {
        workerType: 'thread',
        maxWorkers: 1,
        workerTerminateTimeout: 0,
        // what it prints would stand among findings, or in the middle of what a server says to its editor
        workerThreadOpts: {
          execArgv: [],
          stdout: true,
          stderr: true,
          resourceLimits: { maxOldGenerationSizeMb: megabytes },
        },
      })
      this.pools.set(key, pool)
    }
    const length = texts.reduce((sum, text) => sum + text.length, 0)
    return await pool.exec('run', [module, options, texts]).timeout(this.limit(length) * 1000)
  }

  /** How many seconds a plugin may take for so many characters. */
  private limit(length: number): number {
    return Math.round((this.options.seconds ?? 10) * (1 + (3 * length) / 2 ** 20))
  }

  private note({ id, path, line, column }: PluginUse, key: string, error: unknown, name: string): void {
    const hangs = error instanceof workerpool.Promise.TimeoutError
    const said = error instanceof Error ? (error.message.split('\n')[0] as string) : String(error)
    const reason = said.replace(/\.$/, '')
    if (hangs) this.hanging.add(key)
    if (this.told.has(key) && !hangs) return
    this.told.set(key, {
      path,
      ...(line !== undefined && { line }),
      ...(column !== undefined && { column }),
      problem: hangs
        ? `the plugin ${id} did not end in time in ${name}, and is not run any more`
        : `the plugin ${id} failed in ${name}: ${reason}`,
      cure: 'Mend it, or switch it off under "rules". All other rules go on.',
    })
  }
}
