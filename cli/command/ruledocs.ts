import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import writeFileAtomic from 'write-file-atomic'
import { fromHere, print, reportFault, say } from '../console.ts'
import { count } from '../documents.ts'
import { toMarkdown } from '../pages/markdown.ts'
import { toSite } from '../pages/site.ts'
import { rulesHere } from './rules.ts'

interface Options {
  output: string
  format: 'markdown' | 'html'
  from: 'all' | 'own' | 'silolint'
  title: string
}

/** Adds the command that makes a page of each rule, and an index. */
export function addRuleDocs(rule: Command): void {
  rule
    .command('docs')
    .summary('make a page of each rule, and an index')
    .description('Make a page of each rule and an index of them from the rule files, to read or to publish.')
    .option('-o, --output <folder>', 'where the pages go', 'rule-pages')
    .addOption(
      new Option('-f, --format <name>', 'markdown, or html: a static site')
        .choices(['markdown', 'html'])
        .default('markdown'),
    )
    .addOption(
      new Option('--from <whose>', 'all, own (rules of yours) or silolint')
        .choices(['all', 'own', 'silolint'])
        .default('all'),
    )
    .option('--title <text>', 'what the index is called', 'Rules')
    .addHelpText(
      'after',
      `
Pages made before are written over. Of rules that the configuration switches
off the pages say so.

Example:
  silolint rule docs --from own -f html -o public`,
    )
    .action(docs)
}

async function docs({ output, format, from, title }: Options): Promise<void> {
  const all = await rulesHere()
  const rules = all.filter(({ source }) => from === 'all' || (source === 'silolint') === (from === 'silolint'))
  if (!rules.length)
    return reportFault({
      path: '',
      problem: 'there are no rules to make pages of',
      cure: 'Rules of your own stand in .silolint/rules; silolint rule new writes one.',
    })
  const pages = format === 'html' ? toSite(rules, title) : toMarkdown(rules, title)
  for (const { path, text } of pages) {
    const target = join(resolve(output), path)
    if (all.some(({ file }) => file.path === target))
      return reportFault({ path: target, problem: 'this is a rule itself', cure: 'Name another folder with -o.' })
    try {
      await mkdir(dirname(target), { recursive: true })
      await writeFileAtomic(target, text)
    } catch (error) {
      const why = (error as NodeJS.ErrnoException).code ?? String(error)
      return reportFault({ path: target, problem: `the page cannot be written (${why})`, cure: 'Check the folder.' })
    }
  }
  await print(`${count(rules.length, 'page')} and an index are in ${fromHere(resolve(output))}.\n`)
  if (format !== 'html')
    say(
      `The pages show on purpose what Silolint finds: add the line ${fromHere(resolve(output)).replaceAll('\\', '/')}/ to .silolintignore, or they are linted too.`,
    )
}
