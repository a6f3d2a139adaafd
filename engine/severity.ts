import type { VFileMessage } from 'vfile-message'

/** How much a finding weighs, the heaviest first. */
export const severities = ['error', 'warning', 'info'] as const
export type Severity = (typeof severities)[number]

/** A number that is the greater the more a severity weighs. */
export const weightOf = (severity: Severity): number => -severities.indexOf(severity)

/** unified's own way to say it: `fatal` true is an error, false a warning, absent information. */
export const fatalOf = (severity: Severity): boolean | undefined =>
  severity === 'error' ? true : severity === 'warning' ? false : undefined

/** The severity of a message. */
export const severityOf = (message: VFileMessage): Severity =>
  message.fatal === true ? 'error' : message.fatal === false ? 'warning' : 'info'
