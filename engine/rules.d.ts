/** The files of rules/, listed and read by the build (`rulesplugin.mjs`). */
declare module 'silolint:rules' {
  type Sources = import('./catalogue.ts').Sources
  export const rules: Sources['rules']
  export const guards: Sources['guards']
  export const vocabularies: Sources['vocabularies']
  export const roles: Sources['roles']
  export const sectors: Sources['sectors']
  export const code: Sources['code']
}
