import { Argument, type Command } from 'commander'
import { print } from '../console.ts'
import { formatNames } from '../report.ts'
import { sectorNames } from './init.ts'
import { rulesHere } from './rules.ts'

const shells = ['bash', 'zsh', 'fish', 'powershell'] as const
type Shell = (typeof shells)[number]

/** Adds the command that prints a completion script for a shell. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .summary('print a script for completion in your shell')
    .description('Print a script that completes commands, options, rules, formats and sectors.')
    .addArgument(new Argument('<shell>').choices(shells))
    .addHelpText(
      'after',
      `
Load it when the shell starts; the rules are those of the folder it starts in.

  bash        eval "$(silolint completion bash)"   in ~/.bashrc
  zsh         eval "$(silolint completion zsh)"    in ~/.zshrc, after compinit
  fish        silolint completion fish | source    in ~/.config/fish/config.fish
  powershell  silolint completion powershell | Out-String | Invoke-Expression`,
    )
    .action(async (shell: Shell) => {
      const ids = (await rulesHere()).map(({ file }) => file.id)
      await print(scripts[shell](levelsOf(program, ids)))
    })
}

/** What can follow a command: its subcommands, its options and the values of its argument. */
interface Level {
  /** The command's words behind `silolint`; empty for silolint itself. */
  path: string
  commands: Choice[]
  options: Option[]
  /** The values that its argument takes. */
  values: readonly string[]
  takesFiles: boolean
}
interface Choice {
  name: string
  description: string
}
interface Option {
  long?: string | undefined
  short?: string | undefined
  description: string
  /** Values to choose from; empty for a file or text, absent where it takes none. */
  values?: readonly string[]
}

/** Reads the program itself, so that a new command or option is completed without a word here. */
function levelsOf(program: Command, rules: readonly string[]): Level[] {
  const known: Record<string, readonly string[]> = {
    rule: rules,
    off: rules,
    format: formatNames,
    sector: [...sectorNames, 'none'],
  }
  const levels: Level[] = []
  const visit = (command: Command, path: string): void => {
    const help = command.createHelp()
    const commands = help.visibleCommands(command)
    levels.push({
      path,
      commands: commands.map((one) => ({ name: one.name(), description: firstLine(one.description()) })),
      options: help.visibleOptions(command).map((option) => ({
        long: option.long,
        short: option.short,
        description: firstLine(option.description),
        ...((option.required || option.optional) && {
          values: option.argChoices ?? known[option.name()] ?? [],
        }),
      })),
      values: command.registeredArguments.flatMap((one) => one.argChoices ?? known[one.name()] ?? []),
      takesFiles: command.registeredArguments.some((one) => one.name() === 'paths'),
    })
    for (const one of commands) if (one.name() !== 'help') visit(one, path ? `${path} ${one.name()}` : one.name())
  }
  visit(program, '')
  return levels
}

const firstLine = (text: string): string => (text.split('\n')[0] as string).replace(/\.$/, '')
const flagsOf = ({ long, short }: Option): string[] => [long, short].filter((flag) => flag !== undefined)
const single = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
const last = (path: string): string => path.split(' ').at(-1) ?? ''
const parent = (path: string): string => path.split(' ').slice(0, -1).join(' ')
const words = (list: readonly string[]): string => list.join(' ')

/** The branches of a `case` that find the command from the words before: "baseline prune" comes by way of "baseline". */
const commandCases = (levels: readonly Level[]): string =>
  levels
    .filter(({ path }) => path)
    .map(({ path }) => `      ${single(`${parent(path)} ${last(path)}`)}) command=${single(path)} ;;`)
    .join('\n')

/** The branches that give the values of the option before the cursor. */
const valueCases = (levels: readonly Level[], act: (values: readonly string[]) => string): string =>
  levels
    .flatMap(({ path, options }) =>
      options
        .filter(({ values }) => values)
        .map((option) => {
          const flags = flagsOf(option).map((flag) => single(`${path} ${flag}`))
          return `    ${flags.join(' | ')}) ${act(option.values ?? [])} ;;`
        }),
    )
    .join('\n')

/** The scripts. They start no process while somebody types, so they answer at once; files are the shell's own. */
const scripts: Record<Shell, (levels: readonly Level[]) => string> = {
  bash: (levels) => `# bash completion for silolint; works in the bash 3.2 of macOS too
_silolint() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command='' list='' files='' i IFS=$' \\t\\n'
  COMPREPLY=()
  # bash takes --format=json for three words
  if [[ $cur == '=' ]]; then
    cur=''
  elif [[ $prev == '=' ]]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command \${COMP_WORDS[i]}" in
${commandCases(levels)}
    esac
  done
  case "$command $prev" in
${valueCases(levels, (values) => (values.length ? `list=${single(words(values))}` : 'return'))}
    *)
      case "$command" in
${levels
  .map(({ path, commands, options, values, takesFiles }) => {
    const flags = single(words(options.flatMap(flagsOf)))
    const others = `list=${single(words([...commands.map(({ name }) => name), ...values]))}`
    const files = takesFiles ? '; files=yes' : ''
    return `        ${single(path)}) if [[ $cur == -* ]]; then list=${flags}; else ${others}${files}; fi ;;`
  })
  .join('\n')}
      esac ;;
  esac
  COMPREPLY=($(compgen -W "$list" -- "$cur"))
  IFS=$'\\n'
  if [[ $files ]]; then COMPREPLY+=($(compgen -f -- "$cur")); fi
}
# files as well, where nothing else fits
complete -o filenames -o bashdefault -o default -F _silolint silolint
`,

  zsh: (levels) => `#compdef silolint
_silolint() {
  local command='' prev=\${words[CURRENT-1]} i
  local -a commands options
  if [[ $PREFIX == --*=* ]]; then
    prev=\${PREFIX%%=*}
    compset -P '*='
  fi
  for ((i = 2; i < CURRENT; i++)); do
    case "$command \${words[i]}" in
${commandCases(levels)}
    esac
  done
  case "$command $prev" in
${valueCases(levels, (values) => (values.length ? `compadd -- ${words(values)}; return` : '_files; return'))}
  esac
  case "$command" in
${levels
  .map(({ path, commands, options, values }) => {
    const described = (name: string, text: string) => single(`${name.replaceAll(':', '\\:')}:${text}`)
    const flags = options.flatMap((option) => flagsOf(option).map((flag) => described(flag, option.description)))
    const names = commands.map(({ name, description }) => described(name, description))
    return `    ${single(path)})
      options=(${flags.join(' ')})
      commands=(${names.join(' ')})
${values.length ? `      [[ $PREFIX == -* ]] || { compadd -- ${words(values)}; return }\n` : ''}      ;;`
  })
  .join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then
    _describe -o option options
  else
    (( $#commands )) && _describe command commands
    _files
  fi
}
if [[ $funcstack[1] == _silolint ]]; then _silolint "$@"; else compdef _silolint silolint; fi
`,

  fish: (levels) => {
    const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
    const lines = levels.flatMap(({ path, commands, options, values }) => {
      const at = `complete -c silolint -n ${quoted(`__silolint_at "${path}"`)}`
      return [
        ...commands.map(({ name, description }) => `${at} -a ${name} -d ${quoted(description)}`),
        ...(values.length ? [`${at} -f -a ${quoted(words(values))}`] : []),
        ...options.map(({ long, short, description, values: given }) => {
          const flags = [long && `-l ${long.slice(2)}`, short && `-s ${short.slice(1)}`].filter(Boolean).join(' ')
          const takes = given ? (given.length ? ` -x -a ${quoted(words(given))}` : ' -r -F') : ''
          return `${at} ${flags} -d ${quoted(description)}${takes}`
        }),
      ]
    })
    return `# fish completion for silolint
function __silolint_at
    set -l command ''
    for word in (commandline -opc)[2..-1]
        switch "$command $word"
${levels
  .filter(({ path }) => path)
  .map(
    ({ path }) =>
      `            case ${quoted(`${parent(path)} ${last(path)}`)}\n                set command ${quoted(path)}`,
  )
  .join('\n')}
        end
    end
    test "$command" = "$argv[1]"
end
${lines.join('\n')}
`
  },

  powershell: (levels) => {
    const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
    const table = levels.map(({ path, commands, options, values }) => {
      const others = [...commands.map(({ name }) => name), ...values].map(quoted).join(', ')
      const flags = options.flatMap((option) =>
        flagsOf(option).map(
          (flag) => `${quoted(flag)} = ${option.values ? `@(${option.values.map(quoted).join(', ')})` : '$null'}`,
        ),
      )
      // unlike other hash tables, these tell -f and -F apart
      return `    $levels.Add(${quoted(path)}, @{ Words = @(${others}); Options = [System.Collections.Hashtable]::new([StringComparer]::Ordinal) })
${flags.map((flag) => `    $levels[${quoted(path)}].Options.Add(${flag.replace(' = ', ', ')})`).join('\n')}`
    })
    return `# PowerShell completion for silolint
Register-ArgumentCompleter -Native -CommandName silolint -ScriptBlock {
    param($word, $ast, $position)
    $levels = @{}
${table.join('\n')}
    $command = ''
    $before = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $position } | Select-Object -Skip 1 | ForEach-Object { "$_" })
    foreach ($one in $before) {
        $next = "$command $one".Trim()
        if ($levels.ContainsKey($next)) { $command = $next }
    }
    $level = $levels[$command]
    $previous = if ($before.Count) { $before[-1] } else { '' }
    $list = if ($level.Options[$previous]) { $level.Options[$previous] }
        elseif ($word -like '-*') { $level.Options.Keys | Sort-Object }
        else { $level.Words }
    $list | Where-Object { $_ -like "$word*" } | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
`
  },
}
