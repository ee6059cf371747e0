# frozen_string_literal: true

mise = toml({ content: inspec.profile.file('image.toml') }).params['mise']
home = "/home/#{input('user')}"
program = "sudo -n -H -u #{input('user')} #{home}/#{mise['program']}"
has_mise = !input('mise_tools').empty?

control 'mise-01' do
  impact 0.7
  title 'mise runs'
  only_if('the image was built without mise') { has_mise }
  describe command("#{program} --version") do
    its('exit_status') { should eq 0 }
  end
end

control 'mise-02' do
  impact 0.5
  title 'Programs of mise are on the PATH'
  only_if('the image was built without mise') { has_mise }
  describe file("#{home}/#{mise['shims']}") do
    it { should be_directory }
  end
end

control 'mise-03' do
  impact 0.5
  title 'mise has its configuration'
  only_if('the image was built without mise') { has_mise }
  describe file("#{home}/#{mise['configuration']}") do
    it { should be_directory }
    its('owner') { should eq input('user') }
  end
end

control 'mise-04' do
  impact 0.5
  title 'Shells activate mise'
  only_if('the image was built without mise') { has_mise }
  describe file("#{home}/#{mise['shell']}") do
    its('content') { should match(/mise.*activate/) }
  end
end

control 'mise-05' do
  impact 0.3
  title 'mise finds nothing wrong with itself'
  only_if('the system does not run, or has no mise') { input('booted') && has_mise }
  describe command("#{program} doctor") do
    its('exit_status') { should eq 0 }
  end
end

control 'mise-06' do
  impact 0.7
  title 'The tools of the build are installed'
  only_if('the image was built without mise') { has_mise }
  input('mise_tools').each do |tool|
    describe command("#{program} ls --installed #{tool}") do
      its('stdout') { should match(/^#{Regexp.escape(tool)}\b/) }
    end
  end
end
