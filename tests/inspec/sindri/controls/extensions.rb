# frozen_string_literal: true

extensions = toml({ content: inspec.profile.file('image.toml') }).params['extensions']
home = "/home/#{input('user')}"
as_user = "sudo -n -H -u #{input('user')}"

control 'ext-01' do
  impact 0.7
  title 'Extensions can be listed'
  only_if('the image was built without extensions') { !input('extensions').empty? }
  describe command("#{as_user} sindri extension list") do
    its('exit_status') { should eq 0 }
  end
end

control 'ext-02' do
  impact 0.5
  title 'The registry of extensions answers'
  only_if('the system does not run, or has no extensions') { input('booted') && !input('extensions').empty? }
  describe command("#{as_user} sindri extension list --all") do
    its('exit_status') { should eq 0 }
  end
end

control 'ext-03' do
  impact 1.0
  title 'The extensions of the build are installed'
  only_if('the image was built without extensions') { !input('extensions').empty? }
  input('extensions').each do |name|
    describe command("#{as_user} sindri extension list") do
      its('stdout') { should match(/\b#{Regexp.escape(name)}\b/) }
    end
  end
end

control 'ext-04' do
  impact 0.5
  title "The directory of extensions is the user's"
  describe file("#{home}/#{extensions['directory']}") do
    it { should be_directory }
    its('owner') { should eq input('user') }
    its('mode') { should cmp extensions['mode'] }
  end
end

control 'ext-05' do
  impact 0.3
  title "The cache, where there is one, is the user's"
  cache = "#{home}/#{extensions['cache']}"
  describe.one do
    describe file(cache) do
      it { should_not exist }
    end
    describe file(cache) do
      it { should be_directory }
      its('owner') { should eq input('user') }
    end
  end
end

control 'ext-06' do
  impact 0.5
  title 'The user can write the state'
  describe file("#{home}/#{extensions['state']}") do
    it { should be_directory }
    it { should be_writable.by_user(input('user')) }
  end
end
