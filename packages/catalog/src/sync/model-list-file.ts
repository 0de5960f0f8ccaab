import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type ModelLists, readModelLists, writeModelLists } from './model-lists.ts'

export interface ReadLists {
  readonly lists: ModelLists
  /** What was wrong with the file, and what follows. */
  readonly problem?: string
}

/** The file that the lists of models are kept in. */
export class ModelListFile {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** Never throws: a file that cannot be read is moved aside, and the lists are empty. */
  async read(): Promise<ReadLists> {
    let text: string
    try {
      text = await readFile(this.path, 'utf8')
    } catch (error) {
      const absent = (error as NodeJS.ErrnoException).code === 'ENOENT'
      return { lists: new Map(), ...(!absent && { problem: this.#unreadable(error, 'it is left as it is') }) }
    }
    try {
      return { lists: readModelLists(text) }
    } catch (error) {
      const aside = `${this.path}.unreadable`
      const moved = await rename(this.path, aside).then(
        () => `it was moved to ${aside}`,
        () => 'it will be overwritten',
      )
      return { lists: new Map(), problem: this.#unreadable(error, moved) }
    }
  }

  /** Whole or not at all: the lists are written beside the file, and take its place. @throws what the file system does. */
  async write(lists: ModelLists): Promise<void> {
    const beside = `${this.path}.${process.pid}.new`
    await mkdir(dirname(this.path), { recursive: true })
    try {
      const file = await open(beside, 'w')
      try {
        await file.writeFile(writeModelLists(lists))
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(beside, this.path)
    } catch (error) {
      await rm(beside, { force: true })
      throw error
    }
  }

  #unreadable(error: unknown, what: string): string {
    const reason = error instanceof Error ? error.message : String(error)
    return `The providers' models in ${this.path} could not be read: ${reason}. Until the next sync only the catalogue's own data are known; ${what}.`
  }
}
