import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

export const repository = fileURLToPath(new URL('../../../', import.meta.url))

/** One change of one of our own sources. */
export interface Replacement {
  /** From the repository's root. */
  readonly file: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly put: string
}

/**
 * The simulation and all of our sources that it needs, as the text of one module, with the change made.
 *
 * @throws where the text to change does not stand exactly once in its file.
 */
export async function bundleSimulation(replacement?: Replacement): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${repository}proof/simulation/money/money-simulation.ts`],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    absWorkingDir: repository,
    logLevel: 'silent',
    plugins: [ourSources, ...(replacement === undefined ? [] : [planted(replacement)])],
  })
  return (outputFiles[0] as (typeof outputFiles)[number]).text
}

/** The simulation with the change made, ready to run. */
export async function importSimulation(
  replacement?: Replacement,
): Promise<typeof import('../money/money-simulation.ts')> {
  const text = await bundleSimulation(replacement)
  return import(/* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`)
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
