export * from './answers.ts'
export * from './scripted-provider.ts'
export type { ScriptedStep } from './scripted-source.ts'
export * from './virtual-clock.ts'
