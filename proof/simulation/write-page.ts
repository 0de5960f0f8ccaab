import { writeFile } from 'node:fs/promises'
import { repository } from './defects/bundle.ts'
import { defectPage } from './defects/defect-page.ts'
import { findDefect } from './defects/find-defect.ts'
import { plantedDefects } from './defects/planted-defects.ts'

const found = []
for (const defect of plantedDefects) found.push(await findDefect(defect))
await writeFile(`${repository}docs/proof.md`, defectPage(found))
