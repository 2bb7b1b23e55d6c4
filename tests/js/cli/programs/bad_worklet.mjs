// Its worklet module has an error of syntax in line 2.
export default async function badWorklet(context) {
  await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent('const a = 1;\nconst b = ;\n')}`);
}
