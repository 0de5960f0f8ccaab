import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import type { Verdict } from '../seed-run.ts'

export const repository = fileURLToPath(new URL('../../../', import.meta.url))

/** Where each simulation begins: a module that exports `simulate`. */
const entries = {
  money: 'proof/simulation/money/money-simulation.ts',
  engine: 'proof/simulation/engine/engine-simulation.ts',
} as const

export type SimulationName = keyof typeof entries

/** One change of one of our own sources. */
export interface Replacement {
  /** From the repository's root. */
  readonly file: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly put: string
  /** Where one guard alone does not stand in the way of a mistake. */
  readonly also?: Replacement
}

/**
 * The simulation and all of our sources that it needs, as the text of one module, with the change made.
 *
 * @throws where the text to change does not stand exactly once in its file.
 */
export async function bundleSimulation(name: SimulationName, replacement?: Replacement): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${repository}${entries[name]}`],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    absWorkingDir: repository,
    logLevel: 'silent',
    plugins: [ourSources, ...changes(replacement).map(planted)],
  })
  return (outputFiles[0] as (typeof outputFiles)[number]).text
}

/** The simulation with the change made, ready to run. */
export async function importSimulation(
  name: SimulationName,
  replacement?: Replacement,
): Promise<(seed: number) => Promise<Verdict>> {
  const text = await bundleSimulation(name, replacement)
  const { simulate } = await import(
    /* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`
  )
  return simulate
}

/** `@switchyard/core/testing` is `packages/core/src/testing/index.ts`. */
const ourSources: Plugin = {
  name: 'our sources',
  setup({ onResolve }) {
    onResolve({ filter: /^@switchyard\// }, ({ path }) => {
      const [, name, folder] = path.split('/')
      return { path: `${repository}packages/${name}/src/${folder === undefined ? '' : `${folder}/`}index.ts` }
    })
  },
}

/** A change with those that belong to it. */
export function changes(replacement: Replacement | undefined): readonly Replacement[] {
  return replacement === undefined ? [] : [replacement, ...changes(replacement.also)]
}

function planted({ file, find, put }: Replacement): Plugin {
  return {
    name: 'planted defect',
    setup({ onLoad, onEnd }) {
      let loaded = false
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path !== `${repository}${file}`) return undefined
        const text = await readFile(path, 'utf8')
        const times = text.split(find).length - 1
        if (times !== 1) throw new Error(`"${find}" stands ${times} times in ${file}, and not once.`)
        loaded = true
        return { contents: text.replace(find, () => put), loader: 'ts' }
      })
      onEnd(({ errors }) =>
        loaded || errors.length > 0 ? undefined : { errors: [{ text: `${file} is no part of the simulation.` }] },
      )
    },
  }
}
