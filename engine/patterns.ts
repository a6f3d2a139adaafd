import ignore, { type Ignore } from 'ignore'

/** So many paths are asked for before the library is made to forget them. */
const mostAsked = 10_000

/** Patterns in gitignore syntax that hold below a folder. */
export class Patterns {
  private readonly patterns: Parameters<Ignore['add']>[0]
  private matcher: Ignore | undefined
  private asked = 0

  constructor(patterns: Parameters<Ignore['add']>[0]) {
    this.patterns = patterns
  }

  /** What they say of a path from their folder, with forward slashes; that of a folder ends in one. */
  test(path: string): ReturnType<Ignore['test']> {
    // the library keeps each path that it was ever asked for
    if (this.asked++ % mostAsked === 0) this.matcher = ignore().add(this.patterns)
    return (this.matcher as Ignore).test(path)
  }
}
