import { writeFile } from 'node:fs/promises'
import { repository } from './defects/bundle.ts'
import { defectPage } from './defects/defect-page.ts'
import { findDefect } from './defects/find-defect.ts'
import { mostSeeds, plantedDefects } from './defects/planted-defects.ts'

const found = []
for (const defect of plantedDefects) found.push(await findDefect(defect, mostSeeds))
await writeFile(`${repository}docs/proof.md`, defectPage(found))
