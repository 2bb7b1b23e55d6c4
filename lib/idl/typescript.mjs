export const declarations = () => '';
