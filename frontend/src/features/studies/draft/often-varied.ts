/** Classes that parametric studies vary most, shown first where the model has them. */
export const OFTEN_VARIED: readonly string[] = [
  'Material',
  'Material:NoMass',
  'WindowMaterial:SimpleGlazingSystem',
  'Lights',
  'ElectricEquipment',
  'People',
  'ZoneInfiltration:DesignFlowRate',
  'Building',
  'ThermostatSetpoint:DualSetpoint',
  'Schedule:Constant',
  'Coil:Cooling:DX:SingleSpeed',
  'Coil:Heating:Fuel',
  'Fan:ConstantVolume',
  'Fan:OnOff',
  'Fan:VariableVolume',
]
